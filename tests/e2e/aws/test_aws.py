"""The same command with tables and a bucket instead of a folder."""

import pytest

from tests.e2e.conftest import Project
from tests.support.aws.servers import FAKE_AWS, fake_client
from uitest.local_aws.emulator import emulator
from uitest.model import Module, RunState
from uitest.storage.stores.dynamodb import DynamoStore, create_tables


@pytest.mark.slow
def test_run_takes_the_variables_of_existing_codebuild_projects(project: Project) -> None:
    """Tables, bucket, address, browser and modules come from the names that existing projects set."""
    project.cases("def test_a(): ran('a')\ndef test_b(): assert (HERE / 'mended').exists()\n")
    with emulator() as endpoint:
        tables, bucket = fake_client("dynamodb", endpoint), fake_client("s3", endpoint)
        try:
            create_tables(tables, "mods", "stat")
            bucket.create_bucket(
                Bucket="shots", CreateBucketConfiguration={"LocationConstraint": FAKE_AWS["AWS_DEFAULT_REGION"]}
            )
            store = DynamoStore("mods", "stat", tables)
            store.put_modules(
                [Module("m1", ("test_it::test_a",)), Module("m2", ("test_it::test_b",)), Module("m3", ("no",))]
            )
            environ = {
                **FAKE_AWS,
                "AWS_ENDPOINT_URL": endpoint,
                "ModuleTable": "mods",
                "StatusTable": "stat",
                "ArtifactBucket": "shots",
                "BROWSER": "chrome",
                "WebURL": project.url,
                "MODULES": "m1,m2",
                "CODEBUILD_BUILD_ID": "ui:1",
            }
            del project.environ["UITEST_URL"]
            assert "s3://shots" in project.run("run", code=1, environ=environ).stderr
            run = store.run("ui:1")
            assert (run.state, run.counts) == (RunState.FINISHED, {"passed": 1, "failed": 1})
            project.open_gate("mended")
            project.run("rerun", "ui:1", "--failed", environ=environ)
            assert store.run("ui:1").counts == {"passed": 2}
            assert project.ran() == ["a"]
            names = [entry["Key"] for entry in bucket.list_objects_v2(Bucket="shots")["Contents"]]
            assert "index.html" in names
            assert any(name.startswith("runs/") and name.endswith("/index.html") for name in names)
            assert not (project.folder / ".uitest" / "site").exists()
        finally:
            tables.close()
            bucket.close()
