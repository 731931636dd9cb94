"""Every address of each site, as every kind of person: the door that a view declares is the one it stands behind.

An address that is not in the table below fails: who may come in is decided when a page is made, not found out later.
The towns are made once, each person signs in once a site, and what a request does is undone before the next one: so
the matrix of everybody at every address stays quick, and an answer that was had is not asked for again.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.urls import clear_url_caches, get_resolver, path, reverse
from django.urls.resolvers import URLPattern
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.connectors.franceconnect.access import FranceConnect
from marelle.connectors.proconnect.access import ProConnect
from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.accounts.models import Agent, Grant, Session
from marelle.domain.accounts.rules.roles import gives
from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.families.models import Membership
from marelle.domain.onboarding.operations.opening import make_opening_link
from marelle.domain.onboarding.queries.opening import ForWhom
from marelle.domain.payments.models.attempts import new_token
from marelle.foundation import clock, tenancy, writes
from marelle.foundation.actors import SYSTEM
from marelle.foundation.derived_secrets import sealed
from marelle.foundation.models import AuditEntry
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from marelle.letters.about_joining import NEW_ACCOUNT
from marelle.web import doors
from marelle.web.doors import DoorMiddleware
from tests.conftest import MONDAY_MORNING
from tests.factories.published import make_download
from tests.factories.town import make_agent, make_article, make_family, make_user
from tests.house.whole_town import make_whole_town, tables_of_authorities

MARELLE = Path(doors.__file__).parents[1]
pytestmark = pytest.mark.django_db

HOSTS = {
    "family": "famille.localhost",
    "office": "mairie.localhost",
    "account": "compte.localhost",
    "invoices": "factures.localhost",
}
URLCONFS = {site: f"marelle.config.urls_{site}" for site in HOSTS}
VIEW, RECORD, MANAGE, BILL, CASH, ADMINISTER, READ = (
    f"office:{role}"
    for role in (
        "view_day",
        "record_attendance",
        "manage_reservations",
        "manage_billing",
        "hold_regie",
        "administer",
        "read_families",
    )
)
PUBLISH = "office:publish"
EVERY_AGENT = f"office:{doors.EVERY_AGENT}"
# Whoever answers for a service in charge of applications: at the whole town's, by the role of reservations.
SERVICE = "office:of_a_service"
# Whoever meets the children, or their families.
CHILDREN = "office:of_the_children"
MEETING = ("view_day", "record_attendance", "read_families")
# Whoever cashes money calls there by the token of a payment, by the method that its protocol decides.
PROVIDER = "provider"
# Programs call there with the token of a régie: no session opens it, whoever's it is.
API = "api"
# The sign-in library guards its own views: what we expect of them.
LIBRARY = {
    "account_login": "public",
    "account_logout": "public",
    "account_inactive": "public",
    "account_change_password": "account",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public",
}
SHARED = {
    "healthz": "public",
    "help": "public",
    "accessibility": "public",
    "privacy": "public",
    "legal": "public",
    "contact": "public",
    "colours": "public",
    "logo": "public",
    "operator_mark": "public",
}
OF_THE_ACCOUNT = {
    **LIBRARY,
    "account_signup": "public",
    "account_password_changed": "account",
    "security": "account",
    "security_sign_out_everywhere": "account",
    "security_end_session": "account",
    "security_withdraw_access": "account",
    "email_change": "account",
    "email_change_abandon": "account",
    "email_change_confirm": "public",
    # Half signed in: whoever has not just given a password is sent to do so.
    "mfa_authenticate": "account",
    "mfa_login_webauthn": "public",
    "account_reauthenticate": "account",
    "mfa_reauthenticate": "account",
    "mfa_reauthenticate_webauthn": "account",
    "mfa_add_webauthn": "account",
    "mfa_edit_webauthn": "account",
    "mfa_remove_webauthn": "account",
    "mfa_activate_totp": "account",
    "mfa_deactivate_totp": "account",
    "mfa_view_recovery_codes": "account",
    "mfa_generate_recovery_codes": "account",
    "mfa_download_recovery_codes": "account",
    "own_data": "account",
    "own_data_json": "account",
    "own_data_pdf": "account",
    "account_erase": "account",
    "account_erased": "public",
    "signup_sent": "public",
    "signup_confirm": "public",
    "activation": "public",
    "activation_again": "public",
    "activation_again_sent": "public",
    "activation_link": "public",
    "join": "account",
    "join_request": "account",
}
# Whoever asks is answered: a site proves itself by a secret, a token or a signed address, a person by her session.
PROVIDER_OF_IDENTITIES = {
    "oidc_userinfo": API,
    **dict.fromkeys(
        (
            "oidc_configuration",
            "oidc_authorization",
            "oidc_consent",
            "oidc_token",
            "oidc_jwks",
            "oidc_end_session",
            "oidc_end_session_answer",
        ),
        "public",
    ),
}
# On the other sites they lead to the account site, which has the doors; its answer comes back to one of each.
LED = {**dict.fromkeys(OF_THE_ACCOUNT, "public"), "account_return": "public"}
DOORS = {
    "family": {
        **SHARED,
        **LED,
        "home": "public",
        "authority_home": "public",
        "my_children": "account",
        "add_authority": "account",
        "news": "family",
        "article": "public",
        "menus": "public",
        "menus_open_data": "public",
        "downloads": "public",
        "download": "public",
        "agenda": "family",
        "agenda_stop": "family",
        "agenda_feed": "public",
        "calendar": "family",
        "calendar_square": "family",
        "period": "family",
        "reglement": "family",
        "absence": "family",
        "absence_withdraw": "family",
        "place_let_go": "family",
        "place_take_back": "family",
        "waiting": "family",
        "waiting_answer": "family",
        "waiting_leave": "family",
        "basket": "family",
        "basket_remove": "family",
        "basket_empty": "family",
        "basket_confirm": "family",
        "confirmation": "family",
        "invoices": "family",
        "invoices_paid": "family",
        "invoices_pay": "family",
        "tax_certificate": "family",
        "invoice": "family",
        "invoice_pdf": "family",
        "invoice_hide": "family",
        "invoice_show": "family",
        "debit_mandates": "family",
        "debit_sign": "family",
        "debit_mandate": "family",
        "debit_account": "family",
        "debit_revoke": "family",
        "custody": "family",
        "custody_calendar": "family",
        "custody_days": "family",
        "custody_give_back": "family",
        "custody_proposal": "family",
        "custody_withdraw": "family",
        "refunds": "family",
        "refund_withdraw": "family",
        "payments": "family",
        "payment_receipt": "family",
        "payment_result": "family",
        "payment_go": "family",
        "payment_begin": "family",
        "payment_again": "family",
        "payment_ask": "family",
        "payment_give_up": "family",
        "payment_notice": PROVIDER,
        "payment_return": PROVIDER,
        "wallet": "family",
        "wallet_top_up": "family",
        "wallet_keep": "family",
        "requests": "family",
        "application_new": "family",
        "application": "family",
        "application_documents": "family",
        "application_document_away": "family",
        "application_document": "family",
        "application_check": "family",
        "application_submit": "family",
        "application_discard": "family",
        "application_message": "family",
        "application_complete": "family",
        "application_withdraw": "family",
        "application_pdf": "family",
        "application_acknowledgement_pdf": "family",
        "application_attestation_pdf": "family",
        "profile": "family",
        "profile_delivery": "family",
        "profile_guardians": "family",
        "profile_children": "family",
        "profile_child": "family",
        "profile_withdraw": "family",
        "profile_child_photo": "family",
        "profile_remove_photo": "family",
        "family_child_photo": "family",
        "profile_pickups": "family",
        "profile_pickup_end": "family",
        "profile_consents": "family",
        "profile_consent": "family",
        "profile_confirm": "family",
        "place_come": "account",
        "place_leave": "account",
    },
    "office": {
        **SHARED,
        **LED,
        "town_opening": "public",
        "office_home": "account",
        "office_account": "account",
        "office_day": VIEW,
        "office_sheet_today": RECORD,
        "office_any_day": VIEW,
        "office_figures": VIEW,
        "office_figures_filling": VIEW,
        "office_figures_forecast": VIEW,
        "office_figures_hours": VIEW,
        "office_figures_quotients": "office:see_quotient",
        "office_figures_unpaid": BILL,
        "office_held_place": MANAGE,
        "office_sheet": RECORD,
        "office_unfinished_sheets": RECORD,
        "office_attendance_marks": RECORD,
        "office_worker": "public",
        "office_kitchen": VIEW,
        "office_kitchen_day": VIEW,
        "office_kitchen_file": VIEW,
        "office_kitchen_correct": MANAGE,
        "office_kitchen_again": MANAGE,
        "office_kitchen_settings": ADMINISTER,
        "office_kitchen_setting": ADMINISTER,
        "office_lists": VIEW,
        "office_list_file": VIEW,
        "office_evacuation": RECORD,
        "office_evacuation_file": RECORD,
        "office_inbox": EVERY_AGENT,
        "office_cancellations": MANAGE,
        "office_cancellations_together": MANAGE,
        "office_answer_cancellation": MANAGE,
        "office_disruptions": MANAGE,
        "office_disruption_new": MANAGE,
        "office_disruption_declare": MANAGE,
        "office_disruption": MANAGE,
        "office_disruption_undo": MANAGE,
        "office_absences": MANAGE,
        "office_waiting": MANAGE,
        "office_waiting_offer_all": MANAGE,
        "office_waiting_offer_one": MANAGE,
        "office_certificates_together": MANAGE,
        "office_certificate": MANAGE,
        "office_applications": SERVICE,
        "office_applications_together": SERVICE,
        "office_application_statistics": SERVICE,
        "office_application_statistics_csv": SERVICE,
        "office_application": SERVICE,
        "office_application_health": SERVICE,
        "office_application_assign": SERVICE,
        "office_application_transfer": SERVICE,
        "office_application_changes": SERVICE,
        "office_application_message": SERVICE,
        "office_application_note": SERVICE,
        "office_application_decide": SERVICE,
        "office_application_late": SERVICE,
        "office_application_document": SERVICE,
        "office_application_pdf": SERVICE,
        "office_families": READ,
        "office_register": MANAGE,
        "office_doubles": MANAGE,
        "office_merge_preview": MANAGE,
        "office_say_different": MANAGE,
        "office_enroll": MANAGE,
        "office_take_place": MANAGE,
        "office_imports": ADMINISTER,
        "office_import_receive": ADMINISTER,
        "office_import_model": ADMINISTER,
        "office_class_change": ADMINISTER,
        "office_class_change_prepare": ADMINISTER,
        "office_import_file": ADMINISTER,
        "office_import_progress": ADMINISTER,
        "office_import_report": ADMINISTER,
        "office_import_columns": ADMINISTER,
        "office_import_choose": ADMINISTER,
        "office_import_tick": ADMINISTER,
        "office_import_again": ADMINISTER,
        "office_import_apply": ADMINISTER,
        "office_import_undo": ADMINISTER,
        "office_import_abandon": ADMINISTER,
        "office_ways_in": MANAGE,
        "office_invite": MANAGE,
        "office_issue_codes": MANAGE,
        "office_code_letters": MANAGE,
        "office_mark_returned": MANAGE,
        "office_guardian_address": MANAGE,
        "office_revoke_ways_in": MANAGE,
        "office_end_membership": MANAGE,
        "office_untie_franceconnect": MANAGE,
        "office_join_requests": MANAGE,
        "office_joins_together": MANAGE,
        "office_join_request": MANAGE,
        "office_accept_join": MANAGE,
        "office_refuse_join": MANAGE,
        "office_family": READ,
        "office_profile_changes": MANAGE,
        "office_changes_together": MANAGE,
        "office_decide_change": MANAGE,
        "office_profile_rules": ADMINISTER,
        "office_consent_texts": ADMINISTER,
        "office_withdraw_text": ADMINISTER,
        "office_custody": READ,
        "office_custody_homes": MANAGE,
        "office_custody_terms": MANAGE,
        "office_custody_days": MANAGE,
        "office_custody_disputes": MANAGE,
        "office_custody_dispute": MANAGE,
        "office_reserve": MANAGE,
        "office_cancel": MANAGE,
        "office_put_block": MANAGE,
        "office_lift_block": MANAGE,
        "office_end_pickup": MANAGE,
        "office_access": MANAGE,
        "office_restore_access": MANAGE,
        "office_child_photo": CHILDREN,
        "office_keep_photo": MANAGE,
        "office_remove_photo": MANAGE,
        "office_withdraw_address": MANAGE,
        "office_guide": ADMINISTER,
        "office_guide_open": ADMINISTER,
        "office_guide_calendar": ADMINISTER,
        "office_guide_contact": ADMINISTER,
        "office_guide_places": ADMINISTER,
        "office_guide_offer": ADMINISTER,
        "office_guide_reglement": ADMINISTER,
        "office_guide_tariff": ADMINISTER,
        "office_guide_costs": ADMINISTER,
        "office_guide_regie": ADMINISTER,
        "office_articles": PUBLISH,
        "office_article": PUBLISH,
        "office_article_withdraw": PUBLISH,
        "office_flyer": EVERY_AGENT,
        "office_menus": PUBLISH,
        "office_menu_choose": PUBLISH,
        "office_menu_week": PUBLISH,
        "office_menu_paste": PUBLISH,
        "office_menu_withdraw": PUBLISH,
        "office_menus_kitchen": PUBLISH,
        "office_downloads": PUBLISH,
        "office_download": PUBLISH,
        "office_download_file": PUBLISH,
        "office_download_remove": PUBLISH,
        "office_messages": PUBLISH,
        "office_message": PUBLISH,
        "office_message_edit": PUBLISH,
        "office_message_send": PUBLISH,
        "office_message_progress": PUBLISH,
        "office_message_stop": PUBLISH,
        "office_message_remove": PUBLISH,
        "office_message_templates": PUBLISH,
        "office_message_template": PUBLISH,
        "office_message_template_remove": PUBLISH,
        "office_lost_addresses": PUBLISH,
        "office_try_address_again": PUBLISH,
        "office_procedures": ADMINISTER,
        "office_procedures_ready": ADMINISTER,
        "office_procedure": ADMINISTER,
        "office_procedure_new": ADMINISTER,
        "office_procedure_open": ADMINISTER,
        "office_procedure_move": ADMINISTER,
        "office_procedure_edit": ADMINISTER,
        "office_procedure_preview": ADMINISTER,
        "office_procedure_check": ADMINISTER,
        "office_procedure_save": ADMINISTER,
        "office_services_in_charge": ADMINISTER,
        "office_service_in_charge": ADMINISTER,
        "office_answer_templates": ADMINISTER,
        "office_answer_template": ADMINISTER,
        "office_answer_template_remove": ADMINISTER,
        "office_identity": ADMINISTER,
        "office_logo": ADMINISTER,
        "office_color": ADMINISTER,
        "office_places": ADMINISTER,
        "office_place": ADMINISTER,
        "office_place_remove": ADMINISTER,
        "office_offer": ADMINISTER,
        "office_offer_move": ADMINISTER,
        "office_offer_service": ADMINISTER,
        "office_offer_service_remove": ADMINISTER,
        "office_offer_activity": ADMINISTER,
        "office_offer_activity_remove": ADMINISTER,
        "office_opening_day": ADMINISTER,
        "office_calendar": ADMINISTER,
        "office_calendar_follow": ADMINISTER,
        "office_holiday": ADMINISTER,
        "office_holiday_remove": ADMINISTER,
        "office_closure": ADMINISTER,
        "office_closure_remove": ADMINISTER,
        "office_tariffs": EVERY_AGENT,
        "office_tariff": EVERY_AGENT,
        "office_tariff_edit": ADMINISTER,
        "office_tariff_try": ADMINISTER,
        "office_tariff_save": ADMINISTER,
        "office_tariff_withdraw": ADMINISTER,
        "office_record_quotient": MANAGE,
        "office_ask_quotient": MANAGE,
        "office_record_answer": MANAGE,
        "office_withdraw_quotient": MANAGE,
        "office_document": READ,
        "office_billing": BILL,
        "office_billing_prepare": BILL,
        "office_month": BILL,
        "office_regies": ADMINISTER,
        "office_regie": ADMINISTER,
        "office_regie_preview": ADMINISTER,
        "office_online_payment": ADMINISTER,
        "office_payment_step": ADMINISTER,
        "office_trial_start": ADMINISTER,
        "office_trial": ADMINISTER,
        "office_trial_begin": ADMINISTER,
        "office_trial_ask": ADMINISTER,
        "office_joining": ADMINISTER,
        "office_leaving": ADMINISTER,
        "office_token_make": ADMINISTER,
        "office_token_revoke": ADMINISTER,
        "office_imported": BILL,
        "office_import_template": BILL,
        "office_import_check": BILL,
        "office_import": BILL,
        "office_imported_withdraw": BILL,
        "api_invoices": API,
        "api_invoice": API,
        "office_reconciliations": BILL,
        "office_reconciliation": BILL,
        "office_ask_again": BILL,
        "office_statement_line": BILL,
        "office_cash_line": BILL,
        "office_dismiss_line": BILL,
        "office_take_line_back": BILL,
        "office_run": BILL,
        "office_run_progress": BILL,
        "office_run_export": BILL,
        "office_run_documents": BILL,
        "office_draft": BILL,
        "office_draft_aside": BILL,
        "office_draft_line": BILL,
        "office_draft_redraft": BILL,
        "office_invoice": BILL,
        "office_invoice_pdf": BILL,
        "office_correct": BILL,
        "office_payment": BILL,
        "office_recovery": BILL,
        "office_account_of": BILL,
        "office_tax_certificate": BILL,
        "office_delivery": BILL,
        "office_add_charge": BILL,
        "office_withdraw_charge": BILL,
        "office_add_aid": BILL,
        "office_withdraw_aid": BILL,
        "office_run_abandon": BILL,
        "office_run_redraft": BILL,
        "office_run_approve": BILL,
        "office_debits": BILL,
        "office_mandates": BILL,
        "office_mandate_wake": BILL,
        "office_creditor": ADMINISTER,
        "office_debit_batch": BILL,
        "office_debit_file": BILL,
        "office_debit_send": BILL,
        "office_debit_settle": BILL,
        "office_debit_abandon": BILL,
        "office_debit_returns": BILL,
        "office_refunds": BILL,
        "office_refund": BILL,
        "office_transfers_make": BILL,
        "office_transfers": BILL,
        "office_transfers_file": BILL,
        "office_transfers_send": BILL,
        "office_transfers_abandon": BILL,
        "office_desk": CASH,
        "office_find_payer": CASH,
        "office_take": CASH,
        "office_receipt": CASH,
        "office_receipt_pdf": CASH,
        "office_cancel_receipt": CASH,
        "office_rest": CASH,
        "office_rest_export": CASH,
        "office_deposit": CASH,
        "office_hand_over_deposit": CASH,
        "office_give_up_deposit": CASH,
        "office_deposit_export": CASH,
        "office_handover_pdf": CASH,
        "office_drawer": CASH,
        "office_count_cash": CASH,
        "office_regie_act": ADMINISTER,
        "office_deposits": CASH,
        "office_prepare_deposit": CASH,
        "office_online_takings": CASH,
        "office_regisseurs": CASH,
        "office_name_regisseur": ADMINISTER,
        "office_end_term": ADMINISTER,
        "office_hand_over_regie": CASH,
        "office_unpaid": BILL,
        "office_unpaid_remind": BILL,
        "office_unpaid_letters": BILL,
        "office_unpaid_printed": BILL,
        "office_unpaid_hold": BILL,
        "office_unpaid_resume": BILL,
        "office_unpaid_dispute": BILL,
        "office_dockets": BILL,
        "office_docket_prepare": BILL,
        "office_docket_answer": BILL,
        "office_undo_at_treasury": BILL,
        "office_before_title": BILL,
        "office_debtor": BILL,
        "office_docket": BILL,
        "office_docket_export": BILL,
        "office_docket_file": BILL,
        "office_docket_drop": BILL,
        "office_docket_leave_out": BILL,
        "office_collection": ADMINISTER,
        "office_reminder_stages": ADMINISTER,
        "office_journal": ADMINISTER,
        "office_journal_by": ADMINISTER,
        "office_journal_of": ADMINISTER,
        "office_family_journal": READ,
        "office_configuration_file": ADMINISTER,
        "office_next_year": ADMINISTER,
        "office_next_year_undo": ADMINISTER,
        "office_reglements": EVERY_AGENT,
        "office_reglement": EVERY_AGENT,
        "office_reglement_edit": ADMINISTER,
        "office_reglement_try": ADMINISTER,
        "office_reglement_save": ADMINISTER,
        "office_reglement_withdraw": ADMINISTER,
        "office_agents": ADMINISTER,
        "office_agent_new": ADMINISTER,
        "office_agent": ADMINISTER,
        "office_agent_invite": ADMINISTER,
        "office_agent_suspend": ADMINISTER,
        "office_agent_restore": ADMINISTER,
        "office_agent_end": ADMINISTER,
    },
    "account": {
        **SHARED,
        **OF_THE_ACCOUNT,
        "account_home": "account",
        "franceconnect_unknown": "public",
        "franceconnect_link": "account",
        "franceconnect_attach": "account",
        "quotient_by_franceconnect": "account",
        **{
            f"{provider}_{what}": door
            for provider in ("franceconnect", "proconnect")
            for what, door in {
                "begin": "public",
                "button": "public",
                "return": "public",
                "left": "public",
                "forget": "public",
                "unlink": "account",
            }.items()
        },
        **PROVIDER_OF_IDENTITIES,
        "merge_accounts": "account",
        "merge_second_proof": "account",
        "merge_choose": "account",
    },
    "invoices": {
        **SHARED,
        **LED,
        "home": "public",
        "joined": "public",
        "pay_invoice": "public",
        "invoice_to_pay": "proof",
        "invoice_follow": "proof",
        "invoices": "account",
        "invoices_paid": "account",
        "invoices_pay": "account",
        "invoice_add": "account",
        "invoice": "holder",
        "invoice_pdf": "holder",
        "payment_receipt": "payer",
        "payment_result": "payer",
        "payment_go": "payer",
        "payment_begin": "payer",
        "payment_again": "payer",
        "payment_ask": "payer",
        "payment_give_up": "payer",
        "payment_notice": PROVIDER,
        "payment_return": PROVIDER,
    },
}
# What an address names besides the authority, found in a town; an address of a new kind is added here.
NAMED = {
    "article": lambda town: town.public_article.public_id,
    "download": lambda town: town.public_download.public_id,
    "way_in": lambda town: "lien",
    "monday": lambda town: "2026-11-23",
    "message": lambda town: town.written.message.public_id,
    "model": lambda town: town.written.model.public_id,
    "lost": lambda town: town.written.lost.public_id,
    "authority": lambda town: town.authority.slug,
    "feed": lambda town: town.feed.token,
    "digest": lambda town: "0",
    "public_id": lambda town: town.public_article.public_id,
    "number": lambda town: town.confirmation.number,
    "day": lambda town: "2026-11-23",
    "asked": lambda town: town.asked.public_id,
    "absence": lambda town: town.absence.public_id,
    "proposed": lambda town: town.proposed.public_id,
    "disruption": lambda town: town.disruption.public_id,
    "square": lambda town: f"{town.child.public_id}.{town.meal.public_id}.2026-11-23",
    "family": lambda town: town.home.family.public_id,
    "second": lambda town: town.home.family.public_id,
    "guardian": lambda town: town.guardian.public_id,
    "link": lambda town: town.link.token,
    "sealed": lambda town: sealed(NEW_ACCOUNT, "quenneville@exemple.fr"),
    "opening": lambda town: town.opening,
    "joining": lambda town: town.joining.public_id,
    "application": lambda town: town.asking.application.public_id,
    "ruled": lambda town: town.meal.public_id,
    "product": lambda town: town.meal.public_id,
    "block": lambda town: town.block.public_id,
    "quotient": lambda town: town.quotient.public_id,
    "document": lambda town: town.document.public_id,
    "payer": lambda town: town.payer.public_id,
    "year": lambda town: "2026",
    "run": lambda town: town.run.public_id,
    "invoice": lambda town: town.invoice.public_id,
    "charge": lambda town: town.manual.public_id,
    "aid": lambda town: town.aid.public_id,
    "receipt": lambda town: town.receipt.public_id,
    "deposit": lambda town: town.deposit.public_id,
    "handover": lambda town: town.handover.public_id,
    "term": lambda town: town.term.public_id,
    "regie": lambda town: "regie",
    "trial": lambda town: town.trial.public_id,
    "attempt": lambda town: town.attempt.public_id,
    "line": lambda town: town.statement_line.public_id,
    "kind": lambda town: "csv",
    "file": lambda town: "zip",
    "mandate": lambda town: town.mandate.public_id,
    "batch": lambda town: town.debits.public_id,
    "transfers": lambda town: town.transfers.public_id,
    "refund": lambda town: town.refund.public_id,
    "proposal": lambda town: town.proposal.public_id,
    "checkout": lambda town: town.attempt.checkout,
    "token": lambda town: town.attempt.token,
    "hold": lambda town: town.hold.public_id,
    "docket": lambda town: town.docket.public_id,
    "child": lambda town: town.child.public_id,
    "change": lambda town: town.change.public_id,
    "pickup": lambda town: town.person.public_id,
    "move": lambda town: town.move.public_id,
    "photo": lambda town: town.photo.public_id,
    "text": lambda town: town.text.public_id,
    "before": lambda town: town.before_title.public_id,
    "uidb36": lambda town: "1",
    "session": lambda town: "0",
    "client": lambda town: "0",
    "passkey": lambda town: "0",
    "proof": lambda town: "0",
    "key": lambda town: "set-password",
    "procedure_code": lambda town: town.asking.procedure.code,
    "service": lambda town: town.asking.service.code,
    "template": lambda town: town.asking.template.public_id,
    "imported": lambda town: town.imported.public_id,
    "api_token": lambda town: town.api_token.public_id,
    "colleague": lambda town: town.agent.user.public_id,
    "thing": lambda town: "prestations",
    "named": lambda town: town.meal.public_id,
    "piece": lambda town: town.asking.joined.code,
    "reference": lambda town: town.imported.number,
    "place": lambda town: town.meal.activity.facility.code,
    "offered": lambda town: town.meal.activity.service.public_id,
    "activity": lambda town: town.meal.activity.public_id,
    "holiday": lambda town: "school-2026-12-19",
    "closure": lambda town: f"2026-12-03.{town.meal.activity.service.code}.{town.meal.activity.facility.code}",
    "agent": lambda town: town.agent.user.public_id,
    "kitchen": lambda town: town.kitchen.public_id,
    "whole": lambda town: town.brought.public_id,
}
# The invoices site follows payments of invoices alone.
NAMED_AT = {"invoices": {"checkout": lambda town: town.press.checkout}}
# Behind its door, what each holds here says a quotient: a right to know is needed besides (test_need_to_know).
TWO_RIGHTS = {"office_application_document", "office_invoice_pdf"}
# Where the health of a child or the quotient of a family may show: each reading is in the journal.
READINGS = {
    "office_absences",
    "office_any_day",
    "office_application",
    "office_application_assign",
    "office_application_changes",
    "office_application_decide",
    "office_application_late",
    "office_application_message",
    "office_application_note",
    "office_application_transfer",
    "office_ask_quotient",
    "office_cancel",
    "office_certificate",
    "office_changes_together",
    "office_correct",
    "office_day",
    "office_decide_change",
    "office_draft",
    "office_draft_aside",
    "office_draft_line",
    "office_draft_redraft",
    "office_enroll",
    "office_families",
    "office_family",
    "office_evacuation",
    "office_evacuation_file",
    "office_held_place",
    "office_invoice",
    "office_invoice_pdf",
    "office_keep_photo",
    "office_kitchen_again",
    "office_kitchen_correct",
    "office_kitchen_day",
    "office_list_file",
    "office_lists",
    "office_merge_preview",
    "office_payment",
    "office_profile_changes",
    "office_put_block",
    "office_record_answer",
    "office_record_quotient",
    "office_recovery",
    "office_reserve",
    "office_run_documents",
    "office_sheet",
}
# Files from outside: they may do nothing but be seen, in a sandbox of their own.
PICTURES = {"logo", "operator_mark", "franceconnect_button", "proconnect_button"}
OF_SOMEBODY = {"public_id", "number", "asked", "absence", "square", "family", "block", "ruled", "product"}
OF_SOMEBODY |= {"quotient", "document", "run", "invoice", "charge", "aid", "payer"}
OF_SOMEBODY |= {"guardian", "joining", "application", "second"}
OF_SOMEBODY |= {"mandate", "batch", "transfers", "refund", "proposal"}
OF_SOMEBODY |= {"receipt", "deposit", "handover", "term"}
OF_SOMEBODY |= {"trial", "attempt", "line", "checkout", "hold", "docket", "before"}
# At the families', what belongs to one family of the town; and what is the same for all of them.
OF_A_FAMILY = {"number", "square", "invoice", "payer", "receipt", "checkout", "mandate", "refund", "regie"}
OF_THE_TOWN = {"authority", "digest", "public_id", "ruled", "year", "token", "uidb36", "key"}
# An account's own, of no family.
OF_THE_TOWN |= {"session", "client", "passkey", "proof", "link", "sealed"}
OF_SOMEBODY |= {"child", "change", "pickup", "move", "text", "photo"}
OF_A_FAMILY |= {"child", "change", "pickup", "photo", "proposal"}
OF_THE_TOWN |= {"text", "download"}
OF_SOMEBODY |= {"imported", "api_token", "article", "download", "message", "model", "lost", "whole"}
OF_SOMEBODY |= {"application", "proposed"}
OF_A_FAMILY |= {"application", "document", "proposed"}
OF_THE_TOWN |= {"piece"}
OF_SOMEBODY |= {"template", "colleague", "named"}
OF_SOMEBODY |= {"place", "offered", "activity", "closure"}
OF_SOMEBODY |= {"template", "agent", "kitchen"}
OF_SOMEBODY |= {"template", "agent"}
OF_SOMEBODY |= {"disruption"}
# Who bears it reads it.
OF_THE_TOWN |= {"feed"}
OPEN, SIGN_IN, HIDDEN, FORBIDDEN, NO_TOKEN = "open", "asked to sign in", "404", "403", "401"
# Whoever has no account proves otherwise that an invoice may be shown: by its reference and its amount.
PROVE = "asked for the reference and the amount"
PARENT, NEIGHBOR = "parent", "parent of another family"
AGENTS = {f"agent who may {role}": role for role in Grant.Role.values}
ADMINISTRATOR = "agent who may administer"
PEOPLE = (
    "nobody",
    PARENT,
    NEIGHBOR,
    "parent elsewhere",
    "removed guardian",
    *AGENTS,
    "agent elsewhere",
)
# On the sites of the public an agent is one more account, whatever she may do at the town hall: there come who may the
# most and who may the least, and each of the others in the torture.
ALIKE = tuple(person for person, role in AGENTS.items() if role not in {"administer", "view_day"})
# Who sees the most of each site.
AT_HOME = {"family": PARENT, "office": ADMINISTRATOR, "account": PARENT, "invoices": PARENT}


def expected(door, person, parts=()):
    """Return what stands behind `door` for `person`, at an address with these parts; an unknown door is shut."""
    if door in {"public", PROVIDER}:
        return OPEN
    if door == API:
        return NO_TOKEN
    if door == "proof" or person == "nobody":
        return PROVE if door in {"proof", "payer"} else SIGN_IN
    if door in {"family", "holder", "payer"}:
        is_hers = person == PARENT or (person == NEIGHBOR and not OF_A_FAMILY & set(parts))
        return OPEN if is_hers else HIDDEN
    if door.startswith("office:"):
        return expected_at_work(door, AGENTS.get(person))
    return OPEN if door == "account" else FORBIDDEN


def expected_at_work(door, role):
    """Return what stands behind a door of the agents' site for who was granted `role`, None being nobody there."""
    if role is None:
        return HIDDEN
    door = MANAGE if door == SERVICE else door
    if door == CHILDREN:
        return OPEN if any(gives({role}, each) for each in MEETING) else FORBIDDEN
    return OPEN if door == EVERY_AGENT or gives({role}, door.removeprefix("office:")) else FORBIDDEN


def addresses(site):
    """Yield (name, pattern, names of its parts) for every address of a site."""

    def walk(patterns, parts=()):
        for one in patterns:
            inside = (*parts, *one.pattern.regex.groupindex)
            if isinstance(one, URLPattern):
                yield one.name, one, inside
            else:
                yield from walk(one.url_patterns, inside)

    return walk(get_resolver(URLCONFS[site]).url_patterns)


def address(site, name, parts, town, *, others=None):
    """Return the address of `name` in `town`; with `others`, it names what belongs to that other town instead."""
    named = NAMED | NAMED_AT.get(site, {})
    kwargs = {part: named[part](others if others and part in OF_SOMEBODY else town) for part in parts}
    return reverse(name, URLCONFS[site], kwargs=kwargs)


class Answer(NamedTuple):
    """What came back: in one word (None: the view does not know this method), its status and its headers."""

    said: str | None
    status: int
    headers: dict[str, str]


def in_a_word(response):
    if response.status_code == 405:
        return None
    if response.status_code in {301, 302, 303} and urlsplit(response["Location"]).path == settings.LOGIN_URL:
        return SIGN_IN
    if response.status_code == 303 and response["Location"] == "/payer/?encore=1":
        return PROVE
    if response.status_code in {401, 403, 404}:
        return str(response.status_code)
    assert response.status_code < 500
    return OPEN


class World:
    """Two whole towns, and every kind of person, signed in everywhere; home is the first town."""

    def __init__(self):
        self.here, self.there = make_whole_town("Ici"), make_whole_town("Ailleurs")
        for town in (self.here, self.there):
            town.public_article = make_article(town.authority, "Menus de la semaine")
            town.public_download = make_download(town.authority, "Règlement", is_public=True)
            with permitted("test"):
                town.authority.logo, town.authority.logo_type = b"<svg/>", "image/svg+xml"
                town.authority.palette_css = ":root { --accent: #123456 }"
                town.authority.siret = "21770154900016"
                town.authority.save()
                town.press = self._invoices_paid(town)
            town.opening = make_opening_link(ForWhom(), by=SYSTEM, at=clock.machine_now())
        self.neighbors = make_family(self.here.authority, "Voisin")
        removed = make_user()
        with permitted("test"), tenancy.every_authority():
            family = self.here.home.family
            users = {
                PARENT: family.memberships.get().user,
                NEIGHBOR: self.neighbors.memberships.get().user,
                "parent elsewhere": self.there.home.family.memberships.get().user,
                "removed guardian": removed,
            }
            was = Membership.objects.create(
                authority=self.here.authority,
                user=removed,
                family=family,
                guardian=family.guardians.order_by("pk").first(),
                joined_at=MONDAY_MORNING,
            )
        users |= {person: make_agent(self.here.authority, person, role).user for person, role in AGENTS.items()}
        users["agent elsewhere"] = self.there.agent.user
        self.users = users
        self.sessions = {person: self._sign_in(user) for person, user in users.items()}
        # Her session was opened when she still was a member.
        with permitted("test"), tenancy.every_authority():
            was.delete()
        # What the test client stands on; the client itself keeps a copy of all that each template was given.
        self.handler = ClientHandler(enforce_csrf_checks=False)
        self.answers: dict[tuple[str, ...], Answer] = {}
        self.walks: dict[str, tuple] = {}

    @staticmethod
    def _invoices_paid(town):
        """Have the town join the online invoices, and its family try to pay one there."""
        with tenancy.scope({town.authority.pk}):
            Regie.objects.update(online_from=date(2026, 9, 1))
            attempt = copy(town.attempt)
            attempt.pk, attempt.public_id, attempt.token = None, new_public_id(), new_token()
            attempt.checkout, attempt.reference = new_public_id(), f"2026FACTURE{town.authority.pk:06d}"
            attempt.purpose, attempt.state, attempt.confirmation = "invoices", "abandoned", None
            attempt.posting, attempt.provider_id = None, ""
            attempt.save(force_insert=True)
        return attempt

    @staticmethod
    def _sign_in(user):
        client = Client()
        client.force_login(user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, site, person):
        """Return a browser with the session of a person."""
        browser = Client(headers={"host": HOSTS[site]})
        if person in self.sessions:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        return browser

    def ask(self, site, person, method, url):
        """Return what is answered to a person, nothing being done; asked once, for nothing else would be answered."""
        if (person, method) == (AT_HOME[site], "GET"):
            self.rows_of_a_walk(site)
        key = (site, person, method, url)
        if key not in self.answers:
            # What one address does (signing out) is not what the next one meets.
            with transaction.atomic():
                self.answers[key] = self._answer(*key)
                transaction.set_rollback(True)
        return self.answers[key]

    def rows_of_a_walk(self, site):
        """Return every row before and after who is at home has opened each address; nothing is undone in between."""
        if site not in self.walks:
            before = every_row()
            for name, _pattern, parts in addresses(site):
                if DOORS[site].get(name) != PROVIDER:  # the exception, below
                    key = (site, AT_HOME[site], "GET", address(site, name, parts, self.here))
                    self.answers[key] = self._answer(*key)
            self.walks[site] = (before, every_row())
        return self.walks[site]

    def _answer(self, site, person, method, url):
        factory = RequestFactory(headers={"host": HOSTS[site]})
        if person in self.sessions:
            factory.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        request = factory.get(url) if method == "GET" else factory.post(url, {})
        response = self.handler(request.environ)
        return Answer(in_a_word(response), response.status_code, dict(response.items()))


def every_row():
    with tenancy.every_authority():
        tables = {model._meta.label: list(model.objects.order_by("pk").values()) for model in tables_of_authorities()}
    return tables, AuditEntry.objects.count(), ProcrastinateJob.objects.count()


@pytest.fixture(scope="module")
def world(lasting, tmp_path_factory):
    """The world, made once."""
    mark = tmp_path_factory.mktemp("operator") / "marque.svg"
    mark.write_text("<svg/>")
    plugged = {
        "OPERATOR": replace(settings.OPERATOR, mark=mark),
        "IDENTITY_BUTTONS": {"franceconnect": mark, "proconnect": mark},
        # Nobody answers there: what an address says before it asks is looked at.
        "FRANCECONNECT": FranceConnect("http://127.0.0.1:9", "ici", "secret"),
        "PROCONNECT": ProConnect("http://127.0.0.1:9", "ici", "secret"),
        "QUOTIENT_BY_FRANCECONNECT": ApiParticulier("http://127.0.0.1:9"),
    }
    with override_settings(**plugged):
        yield World()


@pytest.mark.parametrize("site", HOSTS)
def test_every_address_is_in_the_table_behind_its_door(site):
    found = {}
    for name, pattern, _parts in addresses(site):
        is_librarys = pattern.callback.__module__.startswith("allauth.")
        found[name] = LIBRARY.get(name) if is_librarys else getattr(pattern.callback, "door", None)

    assert found == DOORS[site]


@pytest.mark.parametrize("site", HOSTS)
def test_every_part_of_an_address_can_be_filled_in(site):
    parts = {part for _name, _pattern, inside in addresses(site) for part in inside}

    assert parts - set(NAMED) == set()


def test_at_the_families_each_part_is_of_one_family_or_of_the_whole_town():
    parts = {part for _name, _pattern, inside in addresses("family") for part in inside}

    assert parts - OF_A_FAMILY - OF_THE_TOWN == set()


def who_comes():
    """Yield (site, people): everybody at the agents' site; on the others, agents who are alike in the torture."""
    for site in HOSTS:
        few = PEOPLE if site == "office" else tuple(person for person in PEOPLE if person not in ALIKE)
        yield pytest.param(site, few, id=site)
        if few != PEOPLE:
            yield pytest.param(site, ALIKE, id=f"{site} by each agent", marks=pytest.mark.torture)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("site", "people"), [*who_comes()])
def test_every_address_as_every_kind_of_person(world, site, people, method):
    wrong = []
    for person in people:
        for name, _pattern, parts in addresses(site):
            said = world.ask(site, person, method, address(site, name, parts, world.here)).said
            due = expected(DOORS[site].get(name, ""), person, parts)
            due = FORBIDDEN if due == OPEN and name in TWO_RIGHTS else due
            if said not in {None, due}:
                wrong.append((name, person, said))

    assert wrong == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_names_a_family_of_the_account_or_is_not_found(world, method):
    theirs, hers = world.neighbors.public_id, world.here.home.family.public_id
    wrong = []
    for name, _pattern, parts in addresses("family"):
        plain = address("family", name, parts, world.here)
        is_familys = DOORS["family"].get(name) == "family"
        for person, family in ((PARENT, theirs), (NEIGHBOR, hers), ("removed guardian", hers), (ADMINISTRATOR, hers)):
            answer = world.ask("family", person, method, f"/f-{family}{plain}")
            # What is about no family has one address: it is led there, or a form that was sent is answered.
            is_led = answer.status == 302 and answer.headers["Location"] == plain
            if answer.said != HIDDEN and (is_familys or not (is_led or method == "POST")):
                wrong.append((name, person, answer.said))
        said = world.ask("family", "nobody", method, f"/f-{hers}{plain}").said
        if is_familys and said not in {None, SIGN_IN}:
            wrong.append((name, "nobody", said))

    assert wrong == []


@pytest.mark.parametrize("site", HOSTS)
def test_every_address_answers_to_one_method_at_least(world, site):
    silent = [
        name
        for name, _pattern, parts in addresses(site)
        if all(
            world.ask(site, AT_HOME[site], method, address(site, name, parts, world.here)).said is None
            for method in ("GET", "POST")
        )
    ]

    assert silent == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("site", ["family", "office"])  # the others' addresses name no town
def test_what_belongs_to_another_town_is_not_found_from_here(world, site, method):
    crossed = {
        name: world.ask(site, AT_HOME[site], method, address(site, name, parts, world.here, others=world.there)).said
        for name, _pattern, parts in addresses(site)
        if OF_SOMEBODY & set(parts)
    }

    assert crossed
    shut = {None, HIDDEN, PROVE}
    assert {name: said for name, said in crossed.items() if said not in shut} == {}


@pytest.mark.parametrize(("person", "said"), [("nobody", SIGN_IN), (PARENT, OPEN), ("parent elsewhere", HIDDEN)])
def test_news_for_families_only_asks_who_one_is(world, person, said):
    url = reverse("article", URLCONFS["family"], args=[world.here.authority.slug, world.here.article.public_id])

    assert world.ask("family", person, "GET", url).said == said


@pytest.mark.parametrize("site", HOSTS)
def test_a_get_changes_no_row_and_queues_nothing(world, site):
    before, after = world.rows_of_a_walk(site)

    assert after == before
    assert Session.objects.exists()


@pytest.mark.parametrize("site", HOSTS)
def test_what_is_about_people_is_kept_by_no_cache(world, site):
    kept = []
    for name, _pattern, parts in addresses(site):
        if DOORS[site].get(name) == "public":
            continue
        answer = world.ask(site, AT_HOME[site], "GET", address(site, name, parts, world.here))
        if answer.status == 200 and "no-store" not in answer.headers.get("Cache-Control", ""):
            kept.append(name)

    assert kept == []


@pytest.mark.parametrize("site", HOSTS)
def test_every_answer_says_what_a_page_may_load_and_who_may_frame_it(world, site):
    open_to_all = [(name, parts) for name, _pattern, parts in addresses(site) if DOORS[site].get(name) == "public"]
    for name, parts in open_to_all:
        headers = world.ask(site, "nobody", "GET", address(site, name, parts, world.here)).headers
        policy = headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert name in PICTURES or "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_only_the_two_calls_of_a_gateway_stand_behind_its_door():
    found = {name for site in DOORS for name, door in DOORS[site].items() if door == PROVIDER}

    assert found == {"payment_notice", "payment_return"}


def test_only_these_views_hand_over_documents_and_note_who_reads_them():
    found = {
        name
        for site in HOSTS
        for name, pattern, _parts in addresses(site)
        if getattr(pattern.callback, "notes_readings", False)
    }

    assert found == {"application_document", "office_application_document", "office_document", "own_data_json"}


def test_no_other_code_reads_the_content_of_a_document():
    """A new reader goes through `web.documents`, or says here why its reading needs no line in the journal."""
    allowed = {"domain/families/models/documents.py", "web/documents.py", "letters/own_data.py"}
    # What an authority publishes is of nobody.
    allowed.add("domain/news/models/downloads.py")
    # The face of a child says nothing of its health; who sees it is decided by `web.office.photos`.
    allowed.add("domain/families/models/photos.py")
    # An import is read to be compared, by the operation that writes who asked for it.
    allowed.add("domain/onboarding/operations/imports/checking.py")
    reads = re.compile(r"files\.read\(|\bdocument\.content\b")

    found = {
        file.relative_to(MARELLE).as_posix()
        for file in MARELLE.rglob("*.py")
        if "migrations" not in file.parts and reads.search(file.read_text())
    }

    assert found == allowed


def test_only_these_views_show_what_a_right_opens_and_note_who_reads_it():
    """Health and the quotient: a view that shows either and is not here fails, see `web.readings` (decision 36)."""
    found = {
        name
        for site in HOSTS
        for name, pattern, _parts in addresses(site)
        if getattr(pattern.callback, "says_what_is_read", False)
    }

    assert found == READINGS


def test_only_two_returns_may_write_on_a_get_besides():
    found = {
        name
        for site in HOSTS
        for name, pattern, _parts in addresses(site)
        if getattr(pattern.callback, "is_sent_back", False)
    }

    assert found == {"franceconnect_return", "proconnect_return"}


class TestTheDoorOfAGateway:
    """« A GET writes nothing » has one exception: the protocol of who cashes money decides the method."""

    @staticmethod
    def written(view, method="GET"):
        """Return whether a write went through when `view` is called behind the middleware."""

        def called(request):
            done.append(can_write())
            return HttpResponse()

        done: list[bool] = []
        request = RequestFactory().generic(method, "/")
        request.session = SessionBase()
        DoorMiddleware(view(called))(request)
        return done

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_it_may_write_whatever_the_method(self, method):
        assert self.written(doors.provider_call, method) == [True]

    def test_another_door_may_not_on_a_get(self):
        assert self.written(doors.public) == [False]

    def test_a_return_from_who_identifies_may_write_too(self):
        assert self.written(doors.sent_back) == [True]

    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE"])
    def test_any_other_method_is_refused(self, method):
        assert self.written(doors.provider_call, method) == []

    def test_what_comes_after_it_is_reading_again(self):
        self.written(doors.provider_call)

        assert self.written(doors.public) == [False]


@writes.operation
def writes_something():
    """Will write nothing much."""


def can_write():
    try:
        writes_something()
    except writes.WriteOutsideOperationError:
        return False
    return True


def no_door(_request):
    return HttpResponse("ouvert à tous")


class TestDenyByDefault:
    def test_a_view_without_a_door_is_shut(self):
        shut = DoorMiddleware(no_door)

        with pytest.raises(PermissionDenied):
            shut.process_view(None, no_door, (), {})

    def test_even_for_an_agent_who_may_do_everything(self, world, monkeypatch):
        from marelle.config import urls_office

        monkeypatch.setattr(urls_office, "urlpatterns", [*urls_office.urlpatterns, path("oubliee/", no_door)])
        clear_url_caches()
        try:
            response = world.client("office", ADMINISTRATOR).get("/oubliee/")
        finally:
            monkeypatch.undo()
            clear_url_caches()

        assert response.status_code == 403

    def test_a_closed_authority_is_not_shown_to_the_public(self, world):
        with permitted("test"):
            Authority.objects.filter(pk=world.here.authority.pk).update(is_open=False)

        response = world.client("family", "nobody").get(f"/{world.here.authority.slug}/")

        assert response.status_code == 404

    def test_an_agent_whose_post_is_closed_is_nobody_there(self, world):
        with permitted("test"), tenancy.every_authority():
            Agent.objects.filter(user=world.users[ADMINISTRATOR]).update(is_active=False)

        response = world.client("office", ADMINISTRATOR).get(f"/{world.here.authority.slug}/journee/")

        assert response.status_code == 404

    def test_each_site_has_only_its_own_addresses(self, world):
        slug = world.here.authority.slug

        assert world.client("family", ADMINISTRATOR).get(f"/{slug}/journee/").status_code == 404
        assert world.client("office", PARENT).get(f"/{slug}/reservations/").status_code == 404
