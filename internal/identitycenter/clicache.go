package identitycenter

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// maxCLIFile is more than the largest token the AWS CLI has to reckon with.
const maxCLIFile = 64 << 10 // bytes

// CLICache reads the files of a folder of the AWS CLI's, ~/.aws/sso/cache, for
// Config.CLIFile. It never waits: a fifo opened in the usual way would.
func CLICache(folder string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		f, err := os.OpenFile(filepath.Join(folder, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() || info.Size() > maxCLIFile {
			return nil, errors.New("not a file of the AWS CLI's")
		}
		return io.ReadAll(io.LimitReader(f, maxCLIFile))
	}
}
