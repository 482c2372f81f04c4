package main

// A peer is another program that is named in credential_process. It is measured
// at its best: with the session of profile peer in its own cache.
type peer struct {
	name  string
	args  []string          // print the session
	env   []string          // in addition to what all peers have
	files map[string]string // below its home
	setup [][]string        // arguments of runs before the first
	end   []string          // arguments of a run at the end, nil for none
}

const peerProfile = "peer"

// peers are used as their manuals say, with keys or a sign-in that need no user,
// and keep their secrets in files. furnish replaces $NAME.
var peers = []peer{
	{
		// add --env takes the keys from the environment.
		name: "aws-vault", args: []string{"export", "--format=json", peerProfile},
		env:   []string{"AWS_VAULT_BACKEND=file", "AWS_VAULT_FILE_PASSPHRASE=made-up", "AWS_ACCESS_KEY_ID=$KEY", "AWS_SECRET_ACCESS_KEY=$SECRET"},
		setup: [][]string{{"add", "--env", "base"}},
	}, {
		name: "granted", args: []string{"credential-process", "--profile", peerProfile},
		env:   []string{"CF_KEYRING_FILE_PASSWORD=made-up"},
		files: map[string]string{".granted/config": "[Keyring]\nBackend = \"file\"\nFileDir = \"$HOME/keyring\"\n"},
	}, {
		// Its store has a sign-in already, so it need not open a browser.
		name: "aws-sso", args: []string{"process", "--arn", "123456789012:Admin"},
		files: map[string]string{
			".config/aws-sso/config.yaml": "SSOConfig:\n  Default:\n    SSORegion: $REGION\n    StartUrl: $START\nSecureStore: json\nUrlAction: print\n",
			".config/aws-sso/store.json":  `{"CreateTokenResponse":{"Default":{"accessToken":"$TOKEN","tokenType":"Bearer","expiresIn":3600,"expiresAt":$EXPIRES}}}`,
		},
	}, {
		name: "aws-runas", args: []string{"-O", "json", peerProfile},
	}, {
		// Its daemon keeps the session in memory.
		name: "elhaz", args: []string{"export", "-n", peerProfile, "-f", "credential-process"},
		files: map[string]string{
			".elhaz/configs/peer.yaml": "AssumeRole:\n  RoleArn: $ROLE\nSession:\n  profile_name: base\n  region_name: $REGION\n",
		},
		setup: [][]string{{"daemon", "start"}, {"daemon", "add", "-n", peerProfile}},
		end:   []string{"daemon", "stop"},
	},
}
