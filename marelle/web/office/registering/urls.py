"""The address of the registration of a family."""

from django.urls import path

from marelle.web.office.registering import views

urlpatterns = [path("", views.register, name="office_register")]
