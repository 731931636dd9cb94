"""The words of the basket."""

from django.utils.translation import gettext_lazy as _

CHECK_TITLE = _("Vérifiez avant de valider")
CHECK_LEAD = _("Voici exactement ce que nous allons enregistrer.")
CHANGED_TITLE = _("Votre panier a changé")
CHANGED = _("Il n’était plus celui que vous aviez sous les yeux. Le voici à jour ; rien n’a été enregistré.")
ALREADY_EMPTY = _("Votre panier est vide : il n’y a rien à valider.")
REFUSED_TITLE = _("Rien n’a été enregistré")
REFUSED_REST = _("Nous avons retiré ces jours du panier ; le reste est intact. Vérifiez, puis validez à nouveau.")
FORGED = _("Cette ligne n’est pas dans votre panier. Rien n’a changé.")
TAKEN = _("La dernière place vient d’être prise.")
EMPTIED = _("Votre panier est vide. Rien d’autre n’a changé.")
ASKED = _("La mairie doit accepter cette annulation.")
FREED_OR_ASKED = _("Une place gardée est rendue aussitôt ; une place confirmée attend la réponse de la mairie.")
AT_ONCE = _("Annulation immédiate, dans les délais du règlement.")
LATE_REQUEST = _("Hors délai : la mairie doit accepter cette demande.")
LATE_PRICE = _("prix hors délai, selon le règlement")
CONFIRMED_ONCE_PAID = _("Place confirmée une fois payée.")
