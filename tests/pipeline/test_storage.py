"""Tables, buckets and the site of the templates: private, encrypted, kept, and expired at one age."""

import json

from tests.support.aws.policies import Call, allowed, statements
from tests.support.aws.stack import FOLDER, Stack, load, whole
from uitest.config import RETENTION_DAYS
from uitest.reporting.site import index
from uitest.reporting.site.links import run_folder
from uitest.reporting.site.page import policy
from uitest.storage.stores.tables import MODULE_KEYS, STATUS_KEYS


def test_tables_are_as_the_store_needs_them(stack: Stack) -> None:
    """Keys and time to live agree; tables are on demand, encrypted, recoverable and kept."""
    tables = stack.find("AWS::DynamoDB::Table")
    for name, keys in (("Storage.ModuleTable", MODULE_KEYS), ("Storage.StatusTable", STATUS_KEYS)):
        table = tables[name]
        assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == list(keys)
        assert {(a["AttributeName"], a["AttributeType"]) for a in table["AttributeDefinitions"]} == {
            (key, "S") for key, _ in keys
        }
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}
    assert tables["Storage.StatusTable"]["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert len(tables) == 2


def test_buckets_are_private_encrypted_and_kept(stack: Stack) -> None:
    """They refuse plain HTTP and stay when the stack goes."""
    buckets, policies = stack.find("AWS::S3::Bucket"), stack.find("AWS::S3::BucketPolicy")
    assert len(buckets) == 4
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name
        assert "BucketEncryption" in bucket, name
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], name
        policy = next(p for p in policies.values() if p["Bucket"] == name.replace(".", "-").lower())
        first = policy["PolicyDocument"]["Statement"][0]
        assert (first["Effect"], first["Principal"], first["Action"]) == ("Deny", "*", "s3:*"), name
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
        assert len(first["Resource"]) == 2, name
    versions = {name: bucket["VersioningConfiguration"]["Status"] for name, bucket in buckets.items()}
    assert versions.pop("Results.Bucket") == "Suspended"
    assert set(versions.values()) == {"Enabled"}


def test_retained_resources_survive_the_stack() -> None:
    """Tables, buckets and images: a mistaken click must not take results along.

    What a first deployment made before it failed is deleted: with fixed names it would block the second.
    """
    for path in FOLDER.glob("*.yaml"):
        for name, body in load(path.name)["Resources"].items():
            if not isinstance(body, dict):
                continue
            if body["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::ECR::Repository"):
                assert (body["DeletionPolicy"], body["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain"), name


def test_bucket_is_read_by_its_distribution_only(stack: Stack) -> None:
    """It has origin access control; pages and artifacts come from the same distribution."""
    distributions = stack.find("AWS::CloudFront::Distribution")
    assert len(distributions) == 3
    for name, about in distributions.items():
        config = about["DistributionConfig"]
        (origin,) = config["Origins"]
        assert origin["OriginAccessControlId"], name
        assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}, name
        for behaviour in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ())):
            assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https", name
            assert behaviour["ResponseHeadersPolicyId"], name
        allowed = [
            statement
            for policy in stack.find("AWS::S3::BucketPolicy").values()
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow" and policy["Bucket"] == f"{name.partition('.')[0].lower()}-bucket"
        ]
        assert [s["Principal"] for s in allowed] == [{"Service": "cloudfront.amazonaws.com"}] * 2, name
        assert [s["Action"] for s in allowed] == ["s3:GetObject", "s3:ListBucket"], name
        for statement in allowed:
            assert "AWS:SourceArn".lower() in json.dumps(statement["Condition"]).lower(), name


def test_missing_pages_are_404(stack: Stack) -> None:
    """S3 tells who may list a bucket that a file is missing, others that it is denied; neither is kept by CloudFront.

    The address of a folder must not become a list of files.
    """
    for about in stack.find("AWS::CloudFront::Distribution").values():
        config = about["DistributionConfig"]
        assert config["DefaultRootObject"] == "index.html"
        kept = {response["ErrorCode"]: response["ErrorCachingMinTTL"] for response in config["CustomErrorResponses"]}
        assert kept == {403: 0, 404: 0}
    for name, about in stack.find("AWS::S3::BucketPolicy").items():
        listed = [s for s in statements(about["PolicyDocument"]) if s["Action"] == ["s3:ListBucket"]]
        assert bool(listed) == (name != "Exchange.PipelineBucketPolicy"), name
        assert all(not resource.endswith("/*") for statement in listed for resource in statement["Resource"])


def test_pages_have_strict_headers_and_artifacts_a_sandbox(stack: Stack) -> None:
    """Artifacts hold what other people's pages left behind."""
    policies = {
        name: about["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        for name, about in stack.find("AWS::CloudFront::ResponseHeadersPolicy").items()
    }
    assert set(policies) == {
        "Results.PageHeaders", "Results.ArtifactHeaders", "TestSite.PageHeaders", "ProductionSite.PageHeaders",
    }  # fmt: skip
    for name, about in policies.items():
        assert about["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000, name
        assert {"ContentTypeOptions", "FrameOptions", "ReferrerPolicy"} <= set(about), name
    pages = policies["Results.PageHeaders"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "default-src 'none'" in pages
    assert "unsafe" not in pages
    artifacts = policies["Results.ArtifactHeaders"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert artifacts.startswith("sandbox;")
    (behaviour,) = stack.find("AWS::CloudFront::Distribution")["Results.Distribution"]["DistributionConfig"][
        "CacheBehaviors"
    ]
    assert behaviour["PathPattern"] == "artifacts/*"
    assert behaviour["ResponseHeadersPolicyId"] == "results-artifactheaders"


def test_content_policy_is_that_of_the_pages(stack: Stack) -> None:
    """Only the server can say who may frame them; artifacts come from the same distribution."""
    header = stack.find("AWS::CloudFront::ResponseHeadersPolicy")["Results.PageHeaders"]
    given = header["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    assert given["ContentSecurityPolicy"] == f"{policy()}; frame-ancestors 'self'"


def test_rows_files_and_logs_expire_at_the_same_age(stack: Stack) -> None:
    """`uitest prune` has that age as its default."""
    rules = stack.find("AWS::S3::Bucket")["Results.Bucket"]["LifecycleConfiguration"]["Rules"]
    ages = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    runs = run_folder("r").removesuffix("r")
    assert ages == dict.fromkeys(("artifacts/", runs, index.FOLDER), RETENTION_DAYS)
    logs = {about["LogGroupName"]: about["RetentionInDays"] for about in stack.find("AWS::Logs::LogGroup").values()}
    assert set(logs.values()) == {RETENTION_DAYS}
    used = {about["LoggingConfig"]["LogGroup"] for about in stack.find("AWS::Lambda::Function").values()}
    used |= {
        about["LogsConfig"]["CloudWatchLogs"]["GroupName"] for about in stack.find("AWS::CodeBuild::Project").values()
    }
    assert used | {"/aws/vendedlogs/states/shop"} == set(logs)


def test_tables_and_images_of_an_earlier_stack_are_used_again() -> None:
    """They have the same names and are not created."""
    earlier, result = whole(), whole(ExistingStorage="true")
    assert not result.find("AWS::DynamoDB::Table")
    assert not result.find("AWS::ECR::Repository")
    assert result.nested["Storage"].outputs == earlier.nested["Storage"].outputs


def test_artifacts_of_builds_are_kept_where_the_role_may_write(stack: Stack) -> None:
    """Every build whose buildspec has artifacts keeps them."""
    for name, project in stack.find("AWS::CodeBuild::Project").items():
        about = project["Artifacts"]
        if about["Type"] == "NO_ARTIFACTS":
            continue
        if name == "Builds.Site":  # what a pipeline starts must have the type, and this one hands nothing on
            continue
        assert "artifacts:" in (FOLDER.parent / project["Source"]["BuildSpec"]).read_text(), name
        if about["Type"] == "CODEPIPELINE":
            continue
        role = f"BuildRoles.{project['ServiceRole'].rpartition('/buildroles-')[2]}".lower()
        known = next(item for item in stack.find("AWS::IAM::Role") if item.lower() == role)
        wanted = Call("s3:PutObject", f"arn:aws:s3:::{about['Location']}/{about['Path']}/id/{project['Name']}")
        assert any(item.covers(wanted) for item in allowed(stack, known, "service")), name
