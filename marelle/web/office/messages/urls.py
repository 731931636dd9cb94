"""Addresses of messages to families."""

from django.urls import path

from marelle.web.office.messages import addresses, following, templates, writing

urlpatterns = [
    path("", following.every, name="office_messages"),
    path("modeles/", templates.every, name="office_message_templates"),
    path("modeles/<slug:model>/", templates.one, name="office_message_template"),
    path("modeles/<slug:model>/supprimer/", templates.remove, name="office_message_template_remove"),
    path("adresses/", addresses.every, name="office_lost_addresses"),
    path("adresses/<slug:lost>/reessayer/", addresses.try_again, name="office_try_address_again"),
    path("<slug:message>/", following.one, name="office_message"),
    path("<slug:message>/modifier/", writing.one, name="office_message_edit"),
    path("<slug:message>/envoyer/", following.send, name="office_message_send"),
    path("<slug:message>/avancement/", following.progress, name="office_message_progress"),
    path("<slug:message>/arreter/", following.stop, name="office_message_stop"),
    path("<slug:message>/supprimer/", writing.remove, name="office_message_remove"),
]
