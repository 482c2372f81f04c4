package awsconfig

// RemoveEmpty takes out a section, by the line of its header, where nothing but
// blank lines is left of it; a comment keeps it. It reports whether it did.
func (d *Draft) RemoveEmpty(header int) bool {
	last := header
	if len(d.lines[header-1].below) > 0 {
		return false
	}
	for _, l := range d.lines[header:] {
		if l.section != header-1 {
			break
		}
		if len(l.below) > 0 || !l.gone && l.kind != blank {
			return false
		}
		last = l.number
	}
	d.Remove(header, last)
	return true
}
