package source

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"understudy/internal/aws"
)

func TestSTSIsAskedWhereTheConfigurationSays(t *testing.T) {
	for _, c := range []struct{ name, config, want string }{
		{"the profile's region", "region = eu-west-1", "https://sts.eu-west-1.amazonaws.com"},
		{"its own, prefixed", "region = eu-west-1\nunderstudy_region = eu-north-1", "https://sts.eu-north-1.amazonaws.com"},
		{"a region of China", "region = cn-northwest-1", "https://sts.cn-northwest-1.amazonaws.com.cn"},
		{"FIPS", "region = us-east-2\nuse_fips_endpoint = true", "https://sts-fips.us-east-2.amazonaws.com"},
		{"FIPS in GovCloud", "region = us-gov-east-1\nuse_fips_endpoint = TRUE", "https://sts.us-gov-east-1.amazonaws.com"},
		{"dual-stack", "region = eu-west-1\nuse_dualstack_endpoint = true", "https://sts.eu-west-1.api.aws"},
		{"legacy, old region", "region = eu-west-1\nsts_regional_endpoints = legacy", "https://sts.amazonaws.com"},
		{"legacy, new region", "region = eu-south-2\nsts_regional_endpoints = legacy", "https://sts.eu-south-2.amazonaws.com"},
		{"no region anywhere", "", "https://sts.us-east-1.amazonaws.com"},
		{"the profile's endpoint", "endpoint_url = https://sts.example.com", "https://sts.example.com"},
		{"services before that", "endpoint_url = https://all.example.com\nservices = local\n[services local]\nsts =\n  endpoint_url = https://sts.example.com", "https://sts.example.com"},
		{"services without STS", "endpoint_url = https://all.example.com\nservices = local\n[services local]\ns3 =\n  endpoint_url = https://s3.example.com", "https://all.example.com"},
		{"our own endpoint before services for all", "understudy_endpoint_url = https://ours.example.com\nservices = local\n[services local]\nsts =\n  endpoint_url = https://sts.example.com", "https://ours.example.com"},
		{"endpoints ignored", "region = eu-west-1\nendpoint_url = https://sts.example.com\nignore_configured_endpoint_urls = true", "https://sts.eu-west-1.amazonaws.com"},
		{"an endpoint and legacy", "endpoint_url = https://sts.example.com\nsts_regional_endpoints = legacy", "https://sts.example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, "", adminRole+c.config+"\n", aliceKeys)
			s.plan(t, "admin")
			if got := endpointOf(t, s, "admin").Resolved; got != c.want {
				t.Errorf("asks at %s, want %s", got, c.want)
			}
		})
	}
}

func TestTheDaemonsEndpointIsForProfilesThatNameNone(t *testing.T) {
	for line, want := range map[string]string{"": "https://daemon.example.com", "endpoint_url = https://own.example.com\n": "https://own.example.com"} {
		s := newStage(t, "https://daemon.example.com", adminRole+line, aliceKeys)
		if got := endpointOf(t, s, "admin").Resolved; got != want {
			t.Errorf("%q: asks at %s, want %s", line, got, want)
		}
	}
}

func TestInvalidEndpointSettingsAreReportedBeforeAnyCall(t *testing.T) {
	s := newStage(t, "", adminRole+"use_fips_endpoint = true\nendpoint_url = https://sts.example.com\n", aliceKeys)
	mustContain(t, s.refusal(t, "admin").Reason, "FIPS and custom endpoint are not supported")
}

func TestTheRegionIsInheritedFromTheProfilesThatSign(t *testing.T) {
	s := newStage(t, "", threeDeep, aliceKeys)
	for _, profile := range []string{"top", "middle", "bottom"} {
		if got := endpointOf(t, s, profile).Region; got != "eu-central-1" {
			t.Errorf("%s: %s", profile, got)
		}
	}
	s = newStage(t, "", adminRole, aliceKeys+"region = ap-south-1\n")
	if got := endpointOf(t, s, "admin").Region; got != "ap-south-1" {
		t.Errorf("from the keys' profile: %s", got)
	}
}

// The source_profile of a profile with keys is not used, and may form a loop.
func TestALoopThroughAnUnusedSourceProfileEnds(t *testing.T) {
	s := newStage(t, "", adminRole+"[profile base]\nsource_profile = admin\n", aliceKeys)
	if got := endpointOf(t, s, "admin").Region; got != "us-east-1" {
		t.Errorf("from nobody: %s", got)
	}
}

func TestARoleOfAnUnknownPartitionNeedsARegion(t *testing.T) {
	const moon = "[profile x]\nrole_arn = arn:aws-moon:iam::123456789012:role/A\nsource_profile = base\n"
	f := newStage(t, "", moon, aliceKeys).refusal(t, "x")
	mustContain(t, f.Reason, "aws-moon")
	mustContain(t, f.Hint, "understudy_region")
	newStage(t, "", moon+"region = moon-base-1\n", aliceKeys).plan(t, "x")
}

// TestEveryPartitionOfTheSDKHasADefaultRegion reads the SDK's own table, so that a
// partition that the SDK adds is noticed here.
func TestEveryPartitionOfTheSDKHasADefaultRegion(t *testing.T) {
	var table struct {
		Partitions []struct {
			ID          string `json:"id"`
			RegionRegex string `json:"regionRegex"`
			Outputs     struct {
				DNSSuffix string `json:"dnsSuffix"`
			} `json:"outputs"`
		} `json:"partitions"`
	}
	content, err := os.ReadFile(filepath.Join(moduleDir(t), "internal/endpoints/awsrulesfn/partitions.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &table); err != nil || len(table.Partitions) < 8 {
		t.Fatalf("%d partitions: %v", len(table.Partitions), err)
	}
	for _, p := range table.Partitions {
		region := defaultRegion(p.ID)
		if !regexp.MustCompile(p.RegionRegex).MatchString(region) {
			t.Errorf("%s: the default %q is none of its regions", p.ID, region)
			continue
		}
		s := newStage(t, "", strings.ReplaceAll(adminRole, "arn:aws:", "arn:"+p.ID+":"), aliceKeys)
		s.plan(t, "admin")
		to, err := aws.Endpoint{Region: region}.ResolveSTS()
		if want := "https://sts." + region + "." + p.Outputs.DNSSuffix; err != nil || to.Resolved != want {
			t.Errorf("%s: asks at %s, want %s (%v)", p.ID, to.Resolved, want, err)
		}
	}
}

func moduleDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
