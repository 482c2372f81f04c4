// Command client is the AWS SDK for Go v2 as a program would use it: default
// configuration, one call, the outcome on one line.
//
//	client ec2|s3|sts
//	client loads
//
// It prints "ok", or the service's error code after "denied", and ends with 1
// when neither was had.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(stderr, "usage: client ec2|s3|sts")
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if args[0] == "loads" {
		if err := loads(ctx, os.Stdin, stdout); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	}
	err := call(ctx, args[0])
	var refused smithy.APIError
	switch {
	case err == nil:
		fmt.Fprintln(stdout, "ok")
	case errors.As(err, &refused):
		fmt.Fprintln(stdout, "denied", refused.ErrorCode())
	default:
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func call(ctx context.Context, service string) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(1))
	if err != nil {
		return err
	}
	switch service {
	case "ec2":
		return describeInstances(ctx, cfg)
	case "s3":
		client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
		_, err = client.ListBuckets(ctx, &s3.ListBucketsInput{})
	case "sts":
		_, err = sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	default:
		err = fmt.Errorf("unknown service %q", service)
	}
	return err
}
