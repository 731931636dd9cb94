"""The service described to SOAP clients: `?wsdl` and the three schemas it names, addresses being those of the asker."""

from __future__ import annotations

NAMESPACE = (
    "http://securite.service.tpa.cp.finances.gouv.fr"
    "/services/mas_securite/contrat_paiement_securise/PaiementSecuriseService"
)
REQUESTS = "http://securite.service.tpa.cp.finances.gouv.fr/requete"
ANSWERS = "http://securite.service.tpa.cp.finances.gouv.fr/reponse"
FUNCTIONAL = "FonctionnelleErreur"
FAULTS = (FUNCTIONAL, "TechDysfonctionnementErreur", "TechIndisponibiliteErreur", "TechProtocolaireErreur")

# Each operation: the namespace of its argument's type, the fields of the argument, those of the answer.
OPERATIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "creerPaiementSecurise": (
        "requete",
        ("exer", "mel", "montant", "numcli", "objet", "refdet", "saisie", "urlnotif", "urlredirect"),
        ("idOp",),
    ),
    "recupererDetailClient": ("reponse", ("numCli",), ("libelleN1", "libelleN2", "libelleN3", "numcli")),
    "recupererDetailPaiementSecurise": (
        "reponse",
        ("idOp",),
        (
            *("dattrans", "exer", "heurtrans", "idOp", "mel", "montant", "numauto", "numcli"),
            *("objet", "refdet", "resultrans", "saisie"),
        ),
    ),
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def wsdl(service: str) -> str:
    """Return the description of the service at this address."""
    messages, operations, bindings = [], [], []
    for name in OPERATIONS:
        messages += [_message(name, "parameters"), _message(f"{name}Response", "parameters")]
        faults = "".join(f'<fault name="{fault}" message="tns:{fault}"/>' for fault in FAULTS)
        bound = "".join(f'<fault name="{fault}"><soap:fault name="{fault}" use="literal"/></fault>' for fault in FAULTS)
        body = '<soap:body use="literal"/>'
        operations.append(
            f'<operation name="{name}"><input message="tns:{name}"/><output message="tns:{name}Response"/>'
            f"{faults}</operation>"
        )
        bindings.append(
            f'<operation name="{name}"><soap:operation soapAction=""/>'
            f"<input>{body}</input><output>{body}</output>{bound}</operation>"
        )
    messages += [_message(fault, "fault") for fault in FAULTS]
    imports = "".join(
        f'<xsd:schema><xsd:import namespace="{namespace}" schemaLocation="{service}?xsd={number}"/></xsd:schema>'
        for number, namespace in enumerate((NAMESPACE, REQUESTS, ANSWERS), 1)
    )
    return (
        f'{_DECLARATION}<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{NAMESPACE}"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"'
        f' name="PaiementSecuriseService" targetNamespace="{NAMESPACE}"><types>{imports}</types>{"".join(messages)}'
        f'<portType name="PaiementSecuriseService">{"".join(operations)}</portType>'
        '<binding name="PaiementSecuriseServicePortBinding" type="tns:PaiementSecuriseService">'
        '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
        f'{"".join(bindings)}</binding><service name="PaiementSecuriseService">'
        '<port name="PaiementSecuriseServicePort" binding="tns:PaiementSecuriseServicePortBinding">'
        f'<soap:address location="{service}"/></port></service></definitions>\n'
    )


def schema(number: int, service: str) -> str | None:
    """Return the first, second or third schema: the elements, the types asked, the types answered."""
    match number:
        case 1:
            return _elements(service)
        case 2:
            return _schema(REQUESTS, _types("requete"))
        case 3:
            return _schema(ANSWERS, _types("reponse"))
    return None


def _message(name: str, part: str) -> str:
    return f'<message name="{name}"><part name="{part}" element="tns:{name}"/></message>'


def _elements(service: str) -> str:
    parts = [
        f'<xs:import namespace="{namespace}" schemaLocation="{service}?xsd={number}"/>'
        for number, namespace in ((2, REQUESTS), (3, ANSWERS))
    ]
    for name, (asked_in, _asked, _answered) in OPERATIONS.items():
        type_name = name[0].upper() + name[1:]
        parts += [
            _element_of(name, [f'<xs:element name="arg0" type="{asked_in}:{type_name}Request" minOccurs="0"/>']),
            _element_of(
                f"{name}Response", [f'<xs:element name="return" type="reponse:{type_name}Response" minOccurs="0"/>']
            ),
        ]
    words = [_text(name) for name in ("code", "descriptif", "libelle", "message")]
    parts += [_element_of(fault, [*words, '<xs:element name="severite" type="xs:int"/>']) for fault in FAULTS]
    return _schema(NAMESPACE, parts)


def _element_of(name: str, fields: list[str]) -> str:
    """Declare an element and its type, which have the same name."""
    return f'<xs:element name="{name}" type="tns:{name}"/>{_type(name, fields)}'


def _types(namespace: str) -> list[str]:
    types = []
    for name, (asked_in, asked, answered) in OPERATIONS.items():
        type_name = name[0].upper() + name[1:]
        if namespace == asked_in:
            types.append(_type(f"{type_name}Request", [_text(field) for field in asked]))
        if namespace == "reponse":
            types.append(_type(f"{type_name}Response", [_text(field) for field in answered]))
    return types


def _type(name: str, fields: list[str]) -> str:
    return f'<xs:complexType name="{name}"><xs:sequence>{"".join(fields)}</xs:sequence></xs:complexType>'


def _text(name: str) -> str:
    return f'<xs:element name="{name}" type="xs:string" minOccurs="0"/>'


def _schema(namespace: str, parts: list[str]) -> str:
    return (
        f'{_DECLARATION}<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="{namespace}"'
        f' xmlns:requete="{REQUESTS}" xmlns:reponse="{ANSWERS}" version="1.0" targetNamespace="{namespace}">'
        f"{''.join(parts)}</xs:schema>\n"
    )
