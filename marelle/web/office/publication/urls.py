"""Addresses of what an authority publishes."""

from django.urls import path

from marelle.web.office.publication import articles, downloads, flyers, menus

urlpatterns = [
    path("actualites/", articles.every, name="office_articles"),
    path("actualites/<slug:article>/", articles.one, name="office_article"),
    path("actualites/<slug:article>/retirer/", articles.withdraw, name="office_article_withdraw"),
    path("depliants/<slug:way_in>.pdf", flyers.flyer_file, name="office_flyer"),
    path("menus/", menus.every, name="office_menus"),
    path("menus/semaine/", menus.choose, name="office_menu_choose"),
    path("menus/semaine/<slug:monday>/", menus.week, name="office_menu_week"),
    path("menus/semaine/<slug:monday>/coller/", menus.paste, name="office_menu_paste"),
    path("menus/semaine/<slug:monday>/retirer/", menus.withdraw, name="office_menu_withdraw"),
    path("menus/cuisine/", menus.kitchen, name="office_menus_kitchen"),
    path("documents/", downloads.every, name="office_downloads"),
    path("documents/<slug:download>/", downloads.one, name="office_download"),
    path("documents/<slug:download>/fichier/", downloads.file, name="office_download_file"),
    path("documents/<slug:download>/supprimer/", downloads.remove, name="office_download_remove"),
]
