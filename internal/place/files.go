package place

import (
	"os"
	"path/filepath"
)

// AWSFiles returns the absolute paths of the AWS configuration files of this program's
// environment, found as the SDKs find them. named says which of the two an
// environment variable names: those must be passed to a daemon, which finds the
// others by itself.
func AWSFiles() (config, credentials string, named [2]bool, err error) {
	config, named[0], err = awsFile("AWS_CONFIG_FILE", "config")
	if err != nil {
		return
	}
	credentials, named[1], err = awsFile("AWS_SHARED_CREDENTIALS_FILE", "credentials")
	return
}

func awsFile(variable, name string) (path string, named bool, err error) {
	path = os.Getenv(variable)
	if path == "" {
		home, err := Home()
		return filepath.Join(home, ".aws", name), false, err
	}
	if len(path) > 1 && path[0] == '~' && os.IsPathSeparator(path[1]) {
		home, err := Home()
		return filepath.Join(home, path[2:]), true, err
	}
	path, err = filepath.Abs(path)
	return path, true, err
}
