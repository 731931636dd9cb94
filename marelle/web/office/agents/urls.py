"""Addresses of the agents."""

from django.urls import path

from marelle.web.office.agents import views

urlpatterns = [
    path("", views.every, name="office_agents"),
    path("nommer/", views.appoint, name="office_agent_new"),
    path("<slug:agent>/", views.one, name="office_agent"),
    path("<slug:agent>/inviter/", views.invite, name="office_agent_invite"),
    path("<slug:agent>/suspendre/", views.suspend, name="office_agent_suspend"),
    path("<slug:agent>/retablir/", views.restore, name="office_agent_restore"),
    path("<slug:agent>/terminer/", views.end, name="office_agent_end"),
]
