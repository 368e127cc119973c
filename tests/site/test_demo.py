"""The demo's installation, small: what a visitor of `make demo` finds."""

import pytest

from khotail.site.demo_cases import STORIES

pytest.importorskip("khotail.screening.actions")


@pytest.mark.one_database
def test_the_demo_has_people_leads_and_cases_at_every_step(another, tmp_path):
    fresh = another()
    fresh.environment.pop("KHOTAIL_DATABASE", None)
    folder = tmp_path / "demo"
    generated = fresh.run("demo", "--run", "--households", 3000, folder)
    assert generated.returncode == 0, generated.stderr
    done = fresh.run("demo-site", folder, "--no-serve")
    assert done.returncode == 0, done.stderr
    fresh.environment |= {"KHOTAIL_HOME": str(folder / "home"), "KHOTAIL_DEMO": "1"}
    found = fresh.python(
        "from khotail.casework.models import Case, Lead, Step; from khotail.accounts.models import Officer\n"
        "from khotail.trail.chain import breaks\n"
        "print(Case.objects.count(), Step.objects.filter(closed_at=None).values('step_id').distinct().count(),"
        " Lead.objects.filter(channel='screening').exists(), Officer.objects.filter(must_change_password=True).count(),"
        " len(list(breaks())))"
    )
    cases, steps, screened, first_passwords, broken = found.split()
    assert (int(cases), screened, first_passwords, broken) == (len(STORIES), "True", "0", "0")
    assert int(steps) >= 6
    again = fresh.run("demo-site", folder, "--no-serve")
    assert again.returncode == 0 and "households" not in again.stdout, "a finished demo was made again"
