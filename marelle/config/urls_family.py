"""Addresses of the parents' site."""

from django.conf import settings
from django.urls import include, path

from marelle.web.components import design_page
from marelle.web.family.payments.urls import wallet_patterns
from marelle.web.paying.payments.urls import call_patterns

urlpatterns = [
    path("", include("marelle.config.urls_shared")),
    path("", include("marelle.web.account.elsewhere")),
    path("paiement/", include(call_patterns)),
    path("", include("marelle.web.family.children.urls")),
    path("", include("marelle.web.family.news.urls")),
    path("", include("marelle.web.family.menus.urls")),
    path("<slug:authority>/documents/", include("marelle.web.family.downloads.urls")),
    path("<slug:authority>/reservations/", include("marelle.web.family.calendar.urls")),
    path("<slug:authority>/attentes/", include("marelle.web.family.waiting.urls")),
    path("<slug:authority>/absences/", include("marelle.web.family.absences.urls")),
    path("<slug:authority>/reglements/", include("marelle.web.family.reglement.urls")),
    path("<slug:authority>/panier/", include("marelle.web.family.basket.urls")),
    path("<slug:authority>/factures/", include("marelle.web.family.invoices.urls")),
    path("<slug:authority>/paiements/", include("marelle.web.family.payments.urls")),
    path("<slug:authority>/porte-monnaie/", include(wallet_patterns)),
    path("<slug:authority>/prelevement/", include("marelle.web.family.direct_debit.urls")),
    path("<slug:authority>/remboursement/", include("marelle.web.family.refunds.urls")),
    path("<slug:authority>/garde/", include("marelle.web.family.custody.urls")),
    path("<slug:authority>/demandes/", include("marelle.web.family.applications.urls")),
    path("<slug:authority>/en-place/", include("marelle.web.family.place.urls")),
    path("<slug:authority>/profil/", include("marelle.web.family.profile.urls")),
]
if settings.SHOW_DESIGN_PAGE:
    urlpatterns.append(path("design", design_page.design, name="design"))

handler400 = "marelle.web.errors.bad_request"
handler403 = "marelle.web.errors.forbidden"
handler404 = "marelle.web.errors.not_found"
handler500 = "marelle.web.errors.failure"
