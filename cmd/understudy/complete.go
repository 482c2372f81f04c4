package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"understudy/internal/awsconfig"
	"understudy/internal/place"
)

// completionLimit is what a person does not notice between Tab and the answer.
const completionLimit = 300 * time.Millisecond

// completeProfile offers the profiles of the caller's own files for the first
// argument. It reads them here: a key stroke must neither start a daemon nor
// wait for one, and nothing of the files is used but the names.
func completeProfile(c *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(context.Background(), completionLimit)
	defer cancel()
	return profilesFrom(ctx, start), cobra.ShellCompDirectiveNoFileComp
}

// completeProfiles offers them for every argument.
func completeProfiles(c *cobra.Command, _ []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return completeProfile(c, nil, start)
}

func profilesFrom(ctx context.Context, start string) []cobra.Completion {
	config, credentials, _, err := place.AWSFiles()
	if err != nil {
		return nil
	}
	read, _ := new(awsconfig.Reader).Read(ctx, awsconfig.Files{Config: config, Credentials: credentials})
	if read == nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range read.Names() {
		// A tab or newline would be read as a description or as two names.
		if strings.HasPrefix(name, start) && !strings.ContainsFunc(name, isControl) {
			names = append(names, name)
		}
	}
	return names
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
