"""Files sent through the API."""

from __future__ import annotations

import io

from django.utils import timezone

from khotail.intake import actions
from khotail.jobs.work import run_waiting
from khotail.register.sealed import id_digest
from tests.record.conftest import NEIGHBOUR_BANNER
from tests.record.test_api import ID_NUMBER, is_problem, program

__all__ = ["program"]


def list_of(name="医保.csv", amount="30000"):
    header = "证件号码,姓名,结算日期,就诊类别,病种,医疗总费用,报销金额,合规自付费用,行政村"
    file = io.BytesIO(f"{header}\n{ID_NUMBER},演示甲,2026-05-01,住院,肺炎,50000,20000,{amount},第一嘎查\n".encode())
    file.name = name
    return file


def test_a_file_is_sent_once_and_its_import_followed(program, household):
    household.members.update(id_number=ID_NUMBER, id_digest=id_digest(ID_NUMBER))
    call = program("department_officer")
    sent = call.client.post("/api/batches", {"file": list_of(), "as_of": "2026-06-01"})
    assert sent.status_code == 201, sent.content
    batch = sent.json()
    assert (batch["source"], batch["as_of"], batch["state"]) == ("medical-insurance", "2026-06-01", "uploaded")
    again = call.client.post("/api/batches", {"file": list_of(), "as_of": "2026-06-01"})
    assert again.status_code == 200 and again.json()["id"] == batch["id"]
    asked = call.post(f"/batches/{batch['id']}/import")
    assert asked.status_code == 202 and asked.json()["kind"] == "intake.import"
    assert is_problem(call.post(f"/batches/{batch['id']}/import"), 409)
    assert is_problem(call.get(f"/batches/{batch['id']}/rejects"), 410)
    run_waiting(timezone.now())
    assert call.get(f"/batches/{batch['id']}").json()["state"] == "imported"
    assert [each["id"] for each in call.get("/batches", state="imported").json()["items"]] == [batch["id"]]


def test_bad_files_are_refused_in_words(program):
    call = program("department_officer")
    for name, content, status in (
        ("a.exe", b"MZ", 415), ("a.xlsx", b"PK\x03\x04" + b"\x00" * 50, 400), ("a.csv", b"a,b\n1,2\n", None),
        ("a.csv", b"", 400), ("../../x.csv", b"\x00\x01\x02", 415),
    ):  # fmt: skip
        file = io.BytesIO(content)
        file.name = name
        answer = call.client.post("/api/batches", {"file": file})
        if status is None:
            assert answer.status_code in (201, 400)  # a list of a kind that nobody knows yet
        else:
            assert is_problem(answer, status)
    assert is_problem(call.client.post("/api/batches", {"as_of": "2026-06-01"}), 422)
    assert is_problem(call.client.post("/api/batches", {"file": list_of(), "as_of": "1900"}), 422)
    assert is_problem(call.client.post("/api/batches", {"file": list_of(), "as_of": "2100-01-01"}), 400)
    assert is_problem(call.client.post("/api/batches", {"file": list_of(), "region_code": NEIGHBOUR_BANNER}), 404)


def test_files_are_seen_by_the_department_that_sent_them_and_by_the_office(program, officers):
    other = officers["department_officer"]
    number = program("banner_officer").client.post("/api/batches", {"file": list_of()}).json()["id"]
    call = program("department_officer")
    assert is_problem(call.get(f"/batches/{number}"), 404) and is_problem(call.get(f"/batches/{number}/rejects"), 404)
    assert call.get("/batches").json()["items"] == [] and other.role == "department_officer"
    for key in ("village_cadre", "leader"):
        assert is_problem(program(key).get("/batches"), 403)
        assert is_problem(program(key).client.post("/api/batches", {"file": list_of()}), 403)


def test_a_list_sent_as_another_is_refused_until_it_is_taken_as_what_it_is(program):
    call = program("banner_officer")
    refused = call.client.post("/api/batches", {"file": list_of(), "source": "national-monitored"})
    assert is_problem(refused, 409) and "medical-insurance" in refused.content.decode()
    assert call.get("/batches").json()["items"] == []
    assert call.client.post("/api/batches", {"file": list_of(), "source": "medical-insurance"}).status_code == 201


def test_a_file_that_waits_as_another_list_is_imported_only_as_what_it_looks_like(program, officers):
    call = program("banner_officer")
    batch = actions.upload(list_of(), by=officers["banner_officer"], now=timezone.now(), source="national-monitored")
    assert is_problem(call.post(f"/batches/{batch.pk}/import"), 409)
    assert is_problem(call.post(f"/batches/{batch.pk}/import", {"reason": "I am sure"}), 409)
    assert call.post(f"/batches/{batch.pk}/import", {"source": "medical-insurance"}).status_code == 202
