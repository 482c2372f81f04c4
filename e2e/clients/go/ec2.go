package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// describeInstances calls EC2 with the SDK's credentials and the SDK's signer,
// but without its EC2 client: that package alone takes minutes to compile, and
// credentials, which are what is tested, do not come from it.
func describeInstances(ctx context.Context, cfg aws.Config) error {
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	const form = "Action=DescribeInstances&Version=2016-11-15"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, aws.ToString(cfg.BaseEndpoint)+"/", strings.NewReader(form))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256([]byte(form))
	err = v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "ec2", cfg.Region, time.Now())
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return err
	}
	var answer struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Code == "" {
		return errors.New(response.Status)
	}
	return &smithy.GenericAPIError{Code: answer.Code, Message: answer.Message}
}
