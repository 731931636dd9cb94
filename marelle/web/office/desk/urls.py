"""Addresses of the desk."""

from django.urls import path

from marelle.web.office.desk import cashing, deposits, drawer, journal, receipts, regisseurs, rest

urlpatterns = [
    path("", journal.show, name="office_desk"),
    path("encaisser/", cashing.find, name="office_find_payer"),
    path("encaisser/<slug:payer>/", cashing.take, name="office_take"),
    path("quittances/<slug:receipt>/", receipts.show, name="office_receipt"),
    path("quittances/<slug:receipt>/pdf/", receipts.pdf, name="office_receipt_pdf"),
    path("quittances/<slug:receipt>/annuler/", receipts.cancel, name="office_cancel_receipt"),
    path("reste-a-recouvrer/", rest.show, name="office_rest"),
    path("reste-a-recouvrer/<slug:kind>/", rest.export, name="office_rest_export"),
    path("versements/<slug:deposit>/", deposits.show, name="office_deposit"),
    path("versements/<slug:deposit>/verser/", deposits.hand_over, name="office_hand_over_deposit"),
    path("versements/<slug:deposit>/annuler/", deposits.give_up, name="office_give_up_deposit"),
    path("versements/<slug:deposit>/<slug:kind>/", deposits.export, name="office_deposit_export"),
    path("remises/<slug:handover>/pdf/", regisseurs.pdf, name="office_handover_pdf"),
    path("regies/<slug:regie>/caisse/", drawer.show, name="office_drawer"),
    path("regies/<slug:regie>/caisse/compter/", drawer.count, name="office_count_cash"),
    path("regies/<slug:regie>/acte/", drawer.act, name="office_regie_act"),
    path("regies/<slug:regie>/versements/", deposits.of_regie, name="office_deposits"),
    path("regies/<slug:regie>/versements/preparer/", deposits.prepare, name="office_prepare_deposit"),
    path("regies/<slug:regie>/en-ligne/", journal.online, name="office_online_takings"),
    path("regies/<slug:regie>/regisseurs/", regisseurs.show, name="office_regisseurs"),
    path("regies/<slug:regie>/regisseurs/nommer/", regisseurs.name, name="office_name_regisseur"),
    path("regies/<slug:regie>/regisseurs/<slug:term>/", regisseurs.end, name="office_end_term"),
    path("regies/<slug:regie>/remise/", regisseurs.hand_over, name="office_hand_over_regie"),
]
