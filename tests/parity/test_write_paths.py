"""Every way in which a load changes a graph, in both stores: the same reports, the same contents.

`pair.load` compares what the loads report and all that the stores hold after each of them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from graphcrm import ConfirmationNeeded, UnknownNodeError
from graphcrm.export import write_table
from graphcrm.export.quarantine import mendable
from tests.parity.stores import Pair

POLICY = "id,product_code,holder_id,premium,issued_on,status,served_by\n"
AGENTS = "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D1,active\n"
WHOLE = {"complete": True, "as_of": "2026-03-01"}


def _on(day: str) -> dict[str, Any]:
    return {"as_of": f"2026-{day}"}


def _agree(pair: Pair, *nodes: tuple[str, str]) -> None:
    """What is asked of single nodes, and of the whole, is answered alike."""
    told = []
    for graph in pair.stores.values():
        answers: dict[str, Any] = {
            "status": graph.status().model_dump(exclude={"url", "change"}),
            "quarantine": graph.quarantine().to_pylist(),
        }
        for load in answers["status"]["loads"]:
            for name in ("started_at", "finished_at", "report"):
                load.pop(name)
        for node in nodes:
            answers[f"{node} node"] = graph.store.node(*node)
            answers[f"{node} history"] = [
                {k: v for k, v in past.items() if k != "at"} for past in graph.store.history(*node)
            ]
            answers[f"{node} find"] = graph.store.find(node[1])
        told.append(answers)
    assert told[1] == told[0]


def _find(pair: Pair, text: str) -> list[str]:
    here, there = (graph.search(text) for graph in pair.stores.values())
    assert there == here
    return [hit["id"] for hit in here]


def test_new_changed_same_closed_and_reopened_nodes(pair: Pair) -> None:
    persons = (
        "id,name,phone,deleted_on,note\nP1,王丽,13800138000,,x\nP2,李明,,2024-02-29,\nP3,赵,,,"
    )
    (file,) = pair.load(_on("01-01"), persons=persons).files
    assert (file.new, file.edges_new) == (3, 1)
    (file,) = pair.load(_on("01-02"), persons=persons).files
    assert file.same == 3
    changed = persons.replace("赵", "赵强").replace("P2,李明,,2024-02-29", "P2,李明,13800138000,")
    (file,) = pair.load(_on("01-03"), persons=changed).files
    assert (file.changed, file.same) == (2, 1)
    (file,) = pair.load(WHOLE, persons="id,name\nP1,王丽\nP2,李明").files
    assert (file.closed, file.changed, file.same) == (1, 0, 2)
    (file,) = pair.load(WHOLE, persons="id,name,code\nP1,王丽,7\nP3,赵强,").files
    assert (file.closed, file.changed) == (1, 2)  # the one is back, the other gone
    pair.load(_on("04-01"), persons="id,name,deleted_on\nP1,王丽,2026-03-31\nP2,李明,")
    _agree(pair, ("Person", "P1"), ("Person", "P2"), ("Person", "P3"), ("Person", "P9"))
    pair.require_same_snapshots()
    assert pair.neo4j.status().nodes == {"Person": 2, "Phone": 1}


def test_a_part_of_the_columns_and_another_order(pair: Pair) -> None:
    pair.load(
        persons="id,name,occupation,phone,email,VIP,等级\n"
        "P1,王丽,医生,12,nowhere,金,一\nP2,O'Brien \\\"x\\\",,010-65121234,,it's,",
        institutions="id,name,region_code,address\nI1,云大计算机有限公司,110000,",
    )
    pair.load(persons="id,name,phone,等级,code\nP2,O'Brien,,,\nP1,王丽,13800138000,,7")
    pair.load(_on("01-01"), persons="name,id,email\n王丽,P1,a@example.com\n王丽,P3,")
    pair.load({"confirmed": True}, institutions="id,name\nI1,云大计算机 有限公司")
    pair.load(persons="id,name,occupation\nP1,王丽,")
    _agree(pair, ("Person", "P1"), ("Person", "P2"), ("Institution", "I1"))


def test_edges_of_nodes_follow_their_columns(pair: Pair) -> None:
    def served(agent: str, premium: int = 1000) -> str:
        return f"{POLICY}Q1,L1,P1,{premium},2020-01-01,in_force,{agent}"

    pair.load(_on("01-01"), agents=AGENTS, persons="id,name\nP1,王丽", policies=served("A1"))
    (file,) = pair.load(_on("02-01"), policies=served("A2")).files
    assert (file.edges_new, file.edges_closed) == (1, 1)  # dated by the load
    pair.load(_on("03-01"), policies=served("A1"))  # who comes back has two periods
    pair.load(_on("03-01"), policies=served("A2"))
    (file,) = pair.load(_on("03-01"), policies=served("A1")).files
    assert file.edges_changed == 1  # on the day it was closed an edge is opened again
    pair.load(_on("04-01"), policies=served("", 2000))
    pair.load(_on("05-01"), policies=served("A9", 3000))  # waits, and is dated all the same
    report = pair.load(_on("06-01"), agents="id,name,branch_id,status\nA9,新人,D1,active")
    assert report.healed == 1
    serves = _held(pair, "SERVES")
    assert sorted((e["start"], e["valid_from"] or "", e["valid_to"]) for e in serves) == [
        ("A1", "", "2026-02-01"),
        ("A1", "2026-03-01", "2026-04-01"),
        ("A2", "2026-02-01", "2026-03-01"),
        ("A2", "2026-03-01", "2026-03-01"),
        ("A9", "2026-05-01", None),
    ]


def _held(pair: Pair, type_: str) -> list[dict[str, Any]]:
    with pair.server.driver.session() as session:
        asked = f"MATCH (a)-[r:{type_}]->(b) RETURN a.id, b.id, properties(r)"
        rows = session.run(asked).values()
    names = ("valid_from", "valid_to", "closed", "source")
    return [
        {"start": start, "end": end, **dict.fromkeys(names), **values}
        for start, end, values in rows
    ]


BOOK = {
    "persons": "id,name\nP1,王丽\nP2,李明\nP3,赵强",
    "policies": POLICY + "Q1,L1,P1,1000,2020-01-01,in_force,\n",
    "claims": "id,policy_id,loss_on,status\nC1,Q1,2023-05-01,paid",
}


def test_rows_that_are_edges(pair: Pair) -> None:
    header = "policy_id,party_id,role,certificate_no,valid_from,valid_to,deleted_on,a,b\n"
    parties = (
        "Q1,P2,insured,C1,2020-01-01,,,1,2\nQ1,P2,insured,C2,2020-01-01,,,,\n"
        "Q1,P3,beneficiary,,,,,,\nQ9,P3,payer,,,,,,\n"
    )
    first = pair.load(_on("01-01"), **BOOK, policy_parties=header + parties).files
    assert {f.table: f.edges_new for f in first}["policy_parties"] == 3  # two of them parallel
    again = pair.load(_on("01-02"), policy_parties=header + parties).files[0]
    assert (again.edges_new, again.edges_changed, again.edges_pending) == (0, 0, 1)
    ended = "Q1,P2,insured,C2,2020-01-01,,2026-01-31,,\nQ1,P3,beneficiary,,,2026-01-15,,,\n"
    file = pair.load(_on("02-01"), policy_parties=header + ended).files[0]
    assert (file.edges_closed, file.edges_changed) == (1, 1)
    reopened = "policy_id,party_id,role,certificate_no,valid_from,b,c\n"
    reopened += "Q1,P2,insured,C2,2020-01-01,,\nQ1,P2,insured,C1,2020-01-01,,3\n"
    file = pair.load(_on("02-02"), policy_parties=reopened).files[0]
    assert file.edges_changed == 2  # one is open again, of the other what is unknown is merged
    refused = header + "Q1,P2,insured,C1,soon,,,,\nQ1,P3,beneficiary,,,,,,\n"
    assert pair.load(WHOLE, policy_parties=refused).files[0].edges_closed == 0
    kept = header + "Q1,P2,insured,C1,2020-01-01,,,,\n"
    file = pair.load(WHOLE, policy_parties=kept).files[0]
    assert file.edges_closed == 2
    assert sorted(e["_d"] for e in _held(pair, "INSURED_UNDER")) == [
        "C1|2020-01-01", "C2|2020-01-01"
    ]  # fmt: skip
    _agree(pair)
    pair.require_same_snapshots()


def test_payments_that_repeat_are_several(pair: Pair) -> None:
    header = "claim_id,payee_id,account,amount,paid_on\n"
    payment = "C1,P1,6222020200112233,500,2023-06-01\n"
    for times in (2, 3, 1):
        pair.load(**BOOK, claim_payments=header + payment * times + "C1,P2,,20.5,2023-06-01\n")
    assert len(_held(pair, "PAID_TO")) == 4
    pair.load(WHOLE, claim_payments=header + payment * 2)
    assert len([e for e in _held(pair, "PAID_INTO") if e["closed"] is None]) == 2


def test_identifiers_that_are_shared_and_left(pair: Pair) -> None:
    persons = "id,name,phone,phone_2,id_type,id_number,account\n"
    pair.load(
        persons=persons + "P1,王丽,138 0013 8000,,resident_id,11010519491231002x,6222020200112233\n"
        "P2,李明,+86-13800138000,010-65121234,resident_id,11010519491231002X,\n",
        agents=AGENTS.replace("status", "status,phone").replace("active", "active,13800138000"),
    )
    pair.load(persons=persons + "P1,王丽,13900139000,,passport,E12345678,\n")
    pair.load(persons=persons + "P1,王丽,13800138000,,,,6222020200112233\n")
    pair.load(persons="id,name,id_type\nP2,李明,passport")
    pair.require_same_snapshots()


def test_sources_keep_to_their_own(pair: Pair) -> None:
    for source in ("life", "motor", "it's:x"):
        pair.load({"source": source}, persons="id,name\n1,王丽\n2,李明\na:%3A,赵强")
    pair.load(persons="id,name,source\n1,周杰,\n2,吴,life")
    relations = "from_id,to_id,kind,source\n1,life:2,spouse,\nlife:1,motor:1,sibling,\n1,9,other,\n"
    pair.load({"source": "motor"}, relations=relations)
    both = "source,from_id,to_id,kind\nlife,motor:1,motor:2,spouse\nmotor,1,2,spouse"
    pair.load(relations=both)
    assert len(_held(pair, "RELATED_TO")) == 4
    file = pair.load(WHOLE, relations="source,from_id,to_id,kind\nlife,2,1,child").files[0]
    assert (file.edges_new, file.edges_closed) == (1, 1)
    file = pair.load({"source": "life"} | WHOLE, persons="id,name\n1,王丽").files[0]
    assert file.closed == 2
    _agree(pair, ("Person", "life:1"), ("Person", "it's%3Ax:a%3A%253A"), ("Person", "2"))
    assert _find(pair, "1") != []
    assert _find(pair, "a:%3A") != []
    assert _find(pair, "life:1") != []


def test_edges_that_wait_and_heal(pair: Pair) -> None:
    pair.load(
        _on("01-01"),
        policies=POLICY + "Q1,00123,P1,1,2020-01-01,in_force,A1\nQ2,123,P1,1,2020-01-01,lapsed,",
        relations="from_id,to_id,kind\nP1,P2,spouse\nP2,P3,parent",
        products="code,name,line\n00123,寿险,life",
    )
    _agree(pair)
    assert pair.load(persons="id,name\nP2,李明").healed == 0
    assert pair.load(persons="id,name\nP1,王丽", agents=AGENTS).healed == 4
    assert pair.load(persons="id,name\nP3,赵强").healed == 1
    pair.load(persons="id,name,institution_id\nP1,王丽,I8\nP2,李明,I9\nP3,赵强,I9")
    pair.load(persons="id,name,institution_id\nP1,王丽,I9\nP2,李明,")  # says something else now
    pair.load(WHOLE, persons="id,name,institution_id\nP1,王丽,I9")  # what is closed does not wait
    assert pair.load(institutions="id,name\nI8,甲公司\nI9,乙公司").healed == 1
    dropped = "from_id,to_id,kind,deleted_on\n"
    pair.load(relations=dropped + "P1,P8,other,")
    pair.load(relations=dropped + "P1,P8,other,2026-01-01\nP2,P8,other,")
    pair.load(WHOLE, relations=dropped + "P1,P7,other,\nP1,P2,spouse,")
    _agree(pair)
    pair.require_same_snapshots()


BAD = (
    "id,name,sex,birth_date\nP1,王丽,F,1980-02-30\nP2,李明,X,x\nP3,赵强\n"
    "P4,周杰,M,\nP4,周,M,\n,无,M,\n"
)


def test_rows_that_are_refused_and_mended(pair: Pair) -> None:
    for _ in range(2):
        assert pair.load(_on("01-01"), persons=BAD).refused == 5
    _agree(pair)
    pair.load(persons="id,name,sex,birth_date\nP1,王丽,F,1980-02-28\nP2,李明,F,y")
    pair.load({"source": "life"}, persons=BAD)
    header = "policy_id,party_id,role,valid_from\n"
    pair.load(policy_parties=header + "Q1,P1,insurd,\nQ1,P2,insured,1.1.2020\nQ1,P3\n")
    pair.load(policy_parties=header + "Q1,P1,insured,\nQ1,P2,payer,2020-01-01\n")
    pair.load(WHOLE, persons="id,name,sex\nP2,李明,M\nP4,周杰,Z")
    _agree(pair, ("Person", "P2"), ("Person", "P4"))


def test_an_exported_quarantine_that_is_mended(pair: Pair, tmp_path: Path) -> None:
    pair.load(_on("01-01"), persons=BAD)
    for number, mend in enumerate((("1980-02-30", "1980-02-28"), ("李明,X", "李明,M"))):
        here, there = (tmp_path / f"{store}{number}.csv" for store in pair.stores)
        for graph, path in zip(pair.stores.values(), (here, there), strict=True):
            write_table(mendable(graph.quarantine(), "en"), path)
        exported = here.read_text("utf-8")
        assert there.read_text("utf-8") == exported
        assert mend[0] in exported
        here.write_text(exported.replace(*mend), "utf-8")
        pair.load_from([here])
    _agree(pair, ("Person", "P1"), ("Person", "P2"))


def test_a_load_that_renames_many_asks(pair: Pair) -> None:
    def names(prefix: str, of: int = 40) -> str:
        return "id,name\n" + "\n".join(f"{n:03},{prefix}{n}" for n in range(of))

    pair.load(persons=names("原"), agents=AGENTS)
    with pytest.raises(ConfirmationNeeded, match="40 of 40"):
        pair.load(agents=AGENTS.replace("张三", "张四"), persons=names("新"))
    assert pair.load({"confirmed": True}, persons=names("新")).files[0].changed == 40
    pair.load({"source": "life"}, persons=names("生"))
    pair.load({"source": "life"}, persons=names("别"))
    _agree(pair, ("Person", "007"), ("Person", "life:007"), ("Agent", "A1"))


def test_a_rehearsal_leaves_nothing_behind(pair: Pair) -> None:
    persons = "id,name,phone\n" + "".join(f"P{n},甲{n:03},\n" for n in range(12))
    held = POLICY + "Q1,T1,P1,1,2020-01-01,in_force,A1\nQ2,T1,P40,1,2020-01-01,in_force,"
    pair.load({"dry_run": True}, persons=persons)
    assert pair.neo4j.status().loads == []
    pair.load(persons=persons, policies=held)
    later = persons.replace("甲000,", "甲000,13800138000").replace("P11,甲011,\n", "")
    later += "P40,乙,\nP41,丙\n"
    tables = {"persons": later, "policies": held, "products": "code,name,line\nT1,寿险,life"}
    before = pair.contents()
    for plan in ({}, {"complete": True}, {"source": "core"}):
        foretold = pair.load(plan | {"dry_run": True}, **tables)
        assert pair.contents() == before
    done = pair.load({"source": "core"}, **tables)
    counts = {"path", "seconds", "examples", "refusals"}
    assert [f.model_dump(exclude=counts) for f in done.files] == [
        f.model_dump(exclude=counts) for f in foretold.files
    ]
    with suppress(ConfirmationNeeded):
        pair.load({"dry_run": True}, persons=persons.replace("甲", "乙"))


def test_search_follows_the_graph(pair: Pair) -> None:
    pair.load(
        persons="""
            id,name,phone,id_number
            P1,欧阳娜娜,13800138000,
            P2,王丽,13900139000,11010519491231002X
            P3,王丽华,,
            P4,O'Brien Mary,,
            P5,"Müller AND (x) ""y*",,
            P6,Straße Łódź 123,,
            """,
        institutions="id,name,uscc,parent_id\nI1,北京甲骨文软件有限公司,91110108700000000X,",
        departments="id,institution_id,name\nD1,I1,北京分公司",
        agents="id,name,branch_id,status,licence_no\nA1,张三丰,D1,active,L-778899",
        vehicles="id,plate,vin\nV1,京A·12345,LSVAA4187E2184841",
    )
    texts = (
        "欧阳", "娜娜", "欧阳娜娜", "王丽", "丽华", "ouyang", "ouyangnana", "oynn", "wang li hua",
        "WLH", "138001", "13800138000", "11010519491231002x", "P4", "brien", "mary obrien",
        "o'brien", "müller", "muller", "strasse", "straße", "lodz", "łódź", "123", "甲骨文",
        "91110108700000000X", "北京分公司", "zhangsanfeng", "778899", "L778899", "L-778899",
        "京A12345", "LSVAA4187E2184841", "不存在", "", "  ", '"', "*", "AND", "NEAR(", "！？", ".",
        "_", "@", "京A·12345", "x" * 5_000, "'; DROP TABLE person; --", "\x00", "王 丽", "丽王",
        "A", "~", "a AND b", "OR", "\\", "P1 P2", "[", "13800138000 王", "é", "ß", "ł", "а", "①",
        "½", "a.b@c.de", "欧阳娜哪", "丽王华", "王李", "王大丽", "oyuangnana", "+86 138-0013 8000",
        "(0086) 13800138000", "110105491231002", "11010519491231002", "p4", "北京甲古文软件",
        "Müller", "Mueller", "Groß", "張三豐", "歐陽", "歐陽娜娜", "張",
    )  # fmt: skip
    limits: list[dict[str, Any]] = [{"whole_numbers": True}, {"branches": ["D1"]}, {"branches": []}]
    for text in texts:
        _find(pair, text)
    for text in (*texts[-20:], "138001", "13800138000", "张三", "三张丰", "京A", "L-778899", "@"):
        for limit in limits:
            here, there = (graph.store.search(text, **limit) for graph in pair.stores.values())
            assert there == here, (text, limit)
    assert _find(pair, "wang li hua") == ["P3"]
    pair.load({"confirmed": True}, persons="id,name\nP1,赵敏\nP2,李明")
    assert _find(pair, "欧阳") == []
    assert _find(pair, "赵敏") == ["P1"]
    assert _find(pair, "138001") == ["P1"]
    pair.load(persons="id,phone,name\nP1,13900139000,赵敏")
    assert _find(pair, "138001") == []
    pair.load(persons="id,name,deleted_on\nP1,赵敏,2024-01-01")
    assert _find(pair, "zhaomin") == []
    pair.load(persons="id,name,deleted_on\nP1,赵敏,")
    assert _find(pair, "zhaomin") == ["P1"]


def test_ids_that_look_alike(pair: Pair) -> None:
    pair.load(
        persons="id,name\nX1,王丽\n00123,李明",
        institutions="id,name\nX1,甲公司",
        agents="id,name,branch_id,status\nX1,张三,D1,active",
        products="code,name,line\nX1,寿险,life",
    )
    for id_ in ("X1", "x1", "00123", "123", "", "life:X1"):
        here, there = (graph.store.find(id_) for graph in pair.stores.values())
        assert there == here
    for graph in pair.stores.values():
        with pytest.raises(UnknownNodeError):
            graph.neighbourhood([("Person", "nobody")])


MAPPING = """
database:
  - table: persons
    from: t_cust
    watermark: upd
    columns: {id: cust_no, name: nm}
    ignore: [upd]
"""


def test_a_database_that_is_read_as_far_as_it_is_new(pair: Pair, tmp_path: Path) -> None:
    mapping, core = tmp_path / "core.yaml", tmp_path / "core.db"
    mapping.write_text(MAPPING, "utf-8")

    def execute(*statements: str) -> None:
        with closing(sqlite3.connect(core)) as db, db:
            for statement in statements:
                db.execute(statement)

    def row(number: int, at: str) -> str:
        return f"INSERT INTO t_cust VALUES ('{number}', '王{number}', '2026-01-01 {at}')"

    def load(**plan: Any) -> Any:
        return pair.load_from([f"sqlite:///{core}"], mapping=mapping, incremental=True, **plan)

    execute("CREATE TABLE t_cust (cust_no varchar(20), nm text, upd timestamp)")
    execute(*(row(number, f"10:0{number}:00") for number in range(1, 6)))
    assert load(dry_run=True).files[0].rows == 5
    assert load().files[0].rows == 5
    execute(row(6, "09:58:00"), row(7, "10:05:00"), row(8, "08:00:00"))
    assert (load().files[0].new, load(source="other").files[0].new) == (2, 7)
    assert load().files[0].same == 7
