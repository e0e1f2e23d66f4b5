#!/bin/sh
# Puts the whole pipeline into an AWS account, or brings what is there up to date. Safe to run again.
# Needs the AWS command line with credentials; the first time Docker too, to build the image. See docs/pipeline.md.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'deploy: %s\n' "$*" >&2; }
if [ $# = 0 ] || [ "${1#-}" != "$1" ] || [ "${1#*=}" != "$1" ]; then
    say "usage: tools/deploy.sh NAME [Parameter=Value ...]; parameters are those of buildspecs/pipeline.yaml"
    exit 2
fi
name=$1
shift

account=$(aws sts get-caller-identity --query Account --output text)
region=${AWS_REGION:-$(aws configure get region)}
bucket=$name-templates-$account-$region
packaged=$(mktemp)
trap 'rm -f "$packaged"' EXIT

# Buckets are private from the start.
aws s3api head-bucket --bucket "$bucket" >/dev/null 2>&1 || aws s3 mb "s3://$bucket"
aws cloudformation package --template-file buildspecs/pipeline.yaml --s3-bucket "$bucket" \
    --output-template-file "$packaged" >/dev/null

deploy() {
    aws cloudformation deploy --stack-name "$name" --template-file "$packaged" --no-fail-on-empty-changeset \
        --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameter-overrides "Name=$name" "$@"
}
of_stack() { aws cloudformation describe-stacks --stack-name "$name" --query "Stacks[0].$1" --output text; }

deploy "$@"
image=$(of_stack "Parameters[?ParameterKey=='ImageUri'].ParameterValue")
if [ -z "$image" ] || [ "$image" = None ]; then
    # There is a repository now, and nothing in it: the first image is built here, all others by the pipeline.
    repository=$(of_stack "Outputs[?OutputKey=='RepositoryUri'].OutputValue")
    say "building the image for $repository"
    aws ecr get-login-password | docker login --username AWS --password-stdin "${repository%%/*}"
    DOCKER_BUILDKIT=1 docker build --platform linux/amd64 -f lambda_runner/Dockerfile -t "$repository:current" .
    docker push "$repository:current"
    digest=$(aws ecr describe-images --repository-name "${repository#*/}" --image-ids imageTag=current \
        --query 'imageDetails[0].imageDigest' --output text)
    deploy "$@" "ImageUri=$repository@$digest"
fi
aws cloudformation describe-stacks --stack-name "$name" --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text
