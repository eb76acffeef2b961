# Sourced by the scripts of Terraform, after prelude.sh.
need terraform
unset TF_CLI_CONFIG_FILE TF_DATA_DIR TF_LOG
terraform version >version.log; head -1 version.log

# The provider: from a local mirror folder (TF_PLUGINS, or a folder named tf-plugins near the root), else from the registry.
PLUGINS=${TF_PLUGINS:-$(find / -maxdepth 3 -type d -name tf-plugins -not -path '/proc/*' 2>/dev/null | head -1)}
if [ -n "$PLUGINS" ]; then
  cat >"$HOME/terraformrc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$PLUGINS"
  }
}
RC
  export TF_CLI_CONFIG_FILE=$HOME/terraformrc
fi
export TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1

tf() { terraform "$@" -no-color; }

# provider SERVICE: the beginning of a main.tf that speaks to the server under test.
provider() {
  cat <<TF
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "$ACCESS"
  secret_key                  = "$SECRET"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  max_retries                 = 2
  endpoints { $1 = "$ENDPOINT" }
}

TF
}

# Leaves with 77 when there is no provider to be had.
init_provider() {
  if ! tf init >init.log 2>&1; then
    if [ -z "$PLUGINS" ]; then echo "$NAME: no AWS provider to be had here (set TF_PLUGINS to a mirror folder)"; exit 77; fi
    fail "$(cat init.log)"
  fi
  grep -o 'hashicorp/aws v[0-9.]*' init.log | head -1
}
