"""Address of the first page."""

from django.urls import path

from marelle.web.account.home import views

urlpatterns = [path("", views.home, name="account_home")]
