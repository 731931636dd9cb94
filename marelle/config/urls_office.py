"""Addresses of the agents' site."""

from django.urls import include, path

from marelle.web.office.day import marks

urlpatterns = [
    path("sw.js", marks.worker, name="office_worker"),
    path("", include("marelle.config.urls_shared")),
    path("", include("marelle.web.account.elsewhere")),
    path("api/v1/<slug:authority>/factures/", include("marelle.web.api.urls")),
    path("", include("marelle.web.office.home.urls")),
    path("ouvrir/", include("marelle.web.office.opening.urls")),
    path("<slug:authority>/a-traiter/", include("marelle.web.office.inbox.urls")),
    path("<slug:authority>/journee/", include("marelle.web.office.day.urls")),
    path("<slug:authority>/cuisine/", include("marelle.web.office.kitchen.urls")),
    path("<slug:authority>/listes/", include("marelle.web.office.lists.urls")),
    path("<slug:authority>/evenements/", include("marelle.web.office.disruptions.urls")),
    path("<slug:authority>/chiffres/", include("marelle.web.office.figures.urls")),
    path("<slug:authority>/annulations/", include("marelle.web.office.cancellations.urls")),
    path("<slug:authority>/attentes/", include("marelle.web.office.waiting.urls")),
    path("<slug:authority>/absences/", include("marelle.web.office.absences.urls")),
    path("<slug:authority>/demandes/", include("marelle.web.office.applications.urls")),
    path("<slug:authority>/familles/importer/", include("marelle.web.office.imports.urls")),
    path("<slug:authority>/familles/acces/", include("marelle.web.office.ways_in.urls")),
    path("<slug:authority>/dossiers/", include("marelle.web.office.profile_changes.urls")),
    path("<slug:authority>/familles/inscrire/", include("marelle.web.office.registering.urls")),
    path("<slug:authority>/familles/doublons/", include("marelle.web.office.doubles.urls")),
    path("<slug:authority>/familles/", include("marelle.web.office.families.urls")),
    path("<slug:authority>/familles/", include("marelle.web.office.custody.urls")),
    path("<slug:authority>/gardes/", include("marelle.web.office.custody.dispute_urls")),
    path("<slug:authority>/familles/", include("marelle.web.office.place.urls")),
    path("<slug:authority>/demarches/", include("marelle.web.office.procedures.urls")),
    path("<slug:authority>/publication/messages/", include("marelle.web.office.messages.urls")),
    path("<slug:authority>/publication/", include("marelle.web.office.publication.urls")),
    path("<slug:authority>/facturation/regies/", include("marelle.web.office.online_payment.urls")),
    path("<slug:authority>/facturation/regies/", include("marelle.web.office.joining.urls")),
    path("<slug:authority>/facturation/importees/", include("marelle.web.office.imported_invoices.urls")),
    path("<slug:authority>/facturation/rapprochement/", include("marelle.web.office.reconciliation.urls")),
    path("<slug:authority>/facturation/cloture/", include("marelle.web.office.month.urls")),
    path("<slug:authority>/facturation/", include("marelle.web.office.billing.urls")),
    path("<slug:authority>/encaissements/", include("marelle.web.office.desk.urls")),
    path("<slug:authority>/impayes/", include("marelle.web.office.unpaid.urls")),
    path("<slug:authority>/prelevements/", include("marelle.web.office.debits.urls")),
    path("<slug:authority>/remboursements/", include("marelle.web.office.refunds.urls")),
    path("<slug:authority>/journal/", include("marelle.web.office.journal.urls")),
    path("<slug:authority>/reglages/", include("marelle.web.office.places.urls")),
    path("<slug:authority>/reglages/offre/", include("marelle.web.office.offer.urls")),
    path("<slug:authority>/reglages/calendrier/", include("marelle.web.office.calendar.urls")),
    path("<slug:authority>/reglages/mise-en-service/", include("marelle.web.office.guide.urls")),
    path("<slug:authority>/reglages/", include("marelle.web.office.setup_file.urls")),
    path("<slug:authority>/reglements/", include("marelle.web.office.reglements.urls")),
    path("<slug:authority>/tarifs/", include("marelle.web.office.tariffs.urls")),
    path("<slug:authority>/reglages/agents/", include("marelle.web.office.agents.urls")),
]

handler400 = "marelle.web.errors.bad_request"
handler403 = "marelle.web.errors.forbidden"
handler404 = "marelle.web.errors.not_found"
handler500 = "marelle.web.errors.failure"
