package logfile

const noFollow = 0
