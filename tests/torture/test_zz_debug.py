import pytest, threading, time, random
from django.db import IntegrityError
pytestmark=[pytest.mark.torture, pytest.mark.django_db(transaction=True)]
from tests.torture import test_mix as m
from marelle.domain.reservations.operations import places, baskets, by_agents, cancellations
loc=threading.local()
def test_debug():
    town=m.Town(); seed=random.SystemRandom().randrange(10**9)
    orig=places.exchange_places
    out=[]
    log=[]
    def wrapped(new,**k):
        from django.db import connection
        t=time.monotonic()
        try:
            done=orig(new,**k)
            log.append((t,time.monotonic(),threading.get_ident(),[(n.slots) for n in new],k.get("releases"),done))
            return done
        except Exception as e:
            out.append((t,time.monotonic(),repr(e)[:300],[(n.child,n.product,n.date,n.slots) for n in new],k))
            raise
    for mod in (baskets,by_agents,cancellations): mod.exchange_places=wrapped
    hands=[m.Hand(town,f"{seed}/{n}") for n in range(8)]
    until=time.monotonic()+150
    ts=[threading.Thread(target=h.work,args=(until,)) for h in hands]
    for t in ts: t.start()
    while any(t.is_alive() for t in ts):
        time.sleep(.2)
        if out: 
            for h in hands: h.surprises.append(1)
    for mod in (baskets,by_agents,cancellations): mod.exchange_places=orig
    for o in out: print("FAIL",o)
    if out:
        t0=out[0][0]
        for l in log[-25:]:
            print(round(l[0]-t0,3),round(l[1]-t0,3),l[2]%10000,l[3],l[4],l[5])
    print(len(log))
