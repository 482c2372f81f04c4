package daemon

import (
	"context"
	"log/slog"

	"understudy/internal/awsconfig"
	"understudy/internal/trust"
)

// configFiles reads the AWS configuration files that a caller names, if they are
// trusted.
type configFiles struct {
	reader   *awsconfig.Reader
	trust    *trust.Policy
	problems *problemLog
}

func openConfig(o Options, state string, log *slog.Logger) configFiles {
	policy := &trust.Policy{Always: trustedFiles(o)}
	if state != "" { // else there is no list of other trusted files
		policy.List = trust.Open(state)
	}
	return configFiles{
		reader:   &awsconfig.Reader{Approve: policy.Approve},
		trust:    policy,
		problems: &problemLog{log: log},
	}
}

// read is source.Resolver.Read.
func (c configFiles) read(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
	if c.trust.List != nil && !c.trust.Stands(f.Config, f.Credentials) && c.trust.List.Changed() {
		c.reader.Forget() // trust may have been withdrawn
	}
	config, err := c.reader.Read(ctx, f)
	c.problems.note(config)
	return config, err
}

// trustedFiles returns the files that are always trusted: the user's own, and those
// that the options name.
func trustedFiles(o Options) []string {
	files := trust.Own()
	for _, f := range []string{o.ConfigFile, o.CredentialsFile} {
		if f != "" {
			files = append(files, f)
		}
	}
	return files
}
