package place

import (
	"testing"
)

func TestAWSFilesAreWhereTheSDKsFindThem(t *testing.T) {
	t.Chdir("/usr")
	for name, c := range map[string]struct {
		config, credentials         string
		wantConfig, wantCredentials string
		named                       [2]bool
	}{
		"default":          {"", "", "/home/alice/.aws/config", "/home/alice/.aws/credentials", [2]bool{}},
		"config named":     {"/etc/aws", "", "/etc/aws", "/home/alice/.aws/credentials", [2]bool{true, false}},
		"credentials too":  {"/etc/aws", "/etc/keys", "/etc/aws", "/etc/keys", [2]bool{true, true}},
		"relative":         {"aws/config", "../keys", "/usr/aws/config", "/keys", [2]bool{true, true}},
		"tilde":            {"~/c", "~/.k/../k", "/home/alice/c", "/home/alice/k", [2]bool{true, true}},
		"tilde is no home": {"~alice/c", "~", "/usr/~alice/c", "/usr/~", [2]bool{true, true}},
		"unclean":          {"/etc//aws/./config", "", "/etc/aws/config", "/home/alice/.aws/credentials", [2]bool{true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", "/home/alice")
			t.Setenv("AWS_CONFIG_FILE", c.config)
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", c.credentials)
			config, credentials, named, err := AWSFiles()
			if err != nil || config != c.wantConfig || credentials != c.wantCredentials || named != c.named {
				t.Errorf("%s, %s, %v, %v", config, credentials, named, err)
			}
		})
	}
}
