package prompt

import (
	"context"
	"fmt"

	"understudy/internal/process"
)

// toast shows a notification in PowerShell's name: Windows takes them only from
// programs that are installed in its menu. The words come by the environment.
const toast = `
$manager = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$xml = $manager::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$lines = $xml.GetElementsByTagName('text')
$null = $lines.Item(0).AppendChild($xml.CreateTextNode($env:UNDERSTUDY_TITLE))
$null = $lines.Item(1).AppendChild($xml.CreateTextNode($env:UNDERSTUDY_TEXT))
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe'
$manager::CreateToastNotifier($app).Show([Windows.UI.Notifications.ToastNotification]::new($xml))`

func notify(ctx context.Context, title, text string) error {
	_, err := process.Run(ctx, maxTyped, []string{"UNDERSTUDY_TITLE=" + title, "UNDERSTUDY_TEXT=" + text},
		"powershell.exe", "-NoProfile", "-NonInteractive", "-Command", toast)
	if err != nil {
		return fmt.Errorf("%w: no notification is taken", errNoDialog)
	}
	return nil
}
