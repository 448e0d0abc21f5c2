"""Setup runs the services' own commands, in the order in which they need each other, and fails loudly."""

import pytest

from deploy.setup.__main__ import Files, Step, StepFailed, partner_topics, run, steps, tell


def test_without_words_of_the_environment_the_sample_is_set_up() -> None:
    files = Files.named_by({"LINKWAY_PRACTICE_KEYS_FILE": ""})
    assert files.programme.endswith("dundee-sources-of-support.yaml")
    assert files.directory.endswith("directory.json")
    assert files.keys is files.postcodes is None


def test_the_environment_names_other_files() -> None:
    files = Files.named_by({"LINKWAY_PROGRAMME_FILE": "p.yaml", "LINKWAY_DIRECTORY_FILE": "d.json"})
    assert (files.programme, files.directory) == ("p.yaml", "d.json")


def test_a_practice_gets_its_key_after_its_programme_is_applied() -> None:
    files = Files("p.yaml", "d.json", keys="k.json", postcodes="postcodes.csv")
    modules = [step.command[0] for step in steps(files)]
    assert modules.index("referral_intake.programmes") < modules.index("referral_intake.keys")
    assert {"matching.directory", "casework.staff", "notifications.recipients"} <= set(modules)
    assert "referral_intake.geography" in modules


def test_where_no_file_is_named_no_keys_are_issued() -> None:
    files = Files("p.yaml", "d.json", keys=None, postcodes=None)
    assert "referral_intake.keys" not in {step.command[0] for step in steps(files)}


def test_each_organisation_that_asked_gets_its_topic() -> None:
    assert partner_topics("org-a\norg-b\n").command == (
        "shared.messaging.topics",
        "--partner",
        "org-a",
        "--partner",
        "org-b",
    )
    assert partner_topics("").command == ("shared.messaging.topics",)


def test_a_step_tells_in_one_line_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Step("directory", ()), "159 records read\n156 listed\n")
    tell(Step("staff", ()), "")
    assert capsys.readouterr().out == "directory: 159 records read; 156 listed\nstaff: done\n"


def test_a_command_that_fails_is_told_with_its_own_words() -> None:
    with pytest.raises(StepFailed, match=r"^nothing: failed with 1\n.*No module named no_such_module"):
        run(Step("nothing", ("no_such_module",)))
