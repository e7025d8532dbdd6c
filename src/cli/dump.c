/* dump.c: `weftline dump`: a run file as JSON lines
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <inttypes.h>

static void
print_frame (const WeftRunFrame *frame, GString *text)
{
  g_string_truncate (text, 0);
  weft_run_frame_dump (frame, text);
  fwrite (text->str, 1, text->len, stdout);
}

/* Where the file stops, if it is not complete. */
static void
say_end (WeftRunReader *reader, const char *path)
{
  WeftRunReaderInfo info;

  weft_run_reader_info (reader, &info);
  if (!info.ended)
    _weft_cli_say ("%s: not complete: %" PRIu64 " of %" PRIu64 " bytes are whole frames", path,
                   info.n_whole_bytes, info.n_file_bytes);
  if (info.n_gaps > 0)
    _weft_cli_say ("%s: damaged: %" PRIu64 " bytes skipped in %" PRIu64 " places", path,
                   info.n_gap_bytes, info.n_gaps);
}

static int
dump (const char *path, WeftRunReaderFlags flags)
{
  GError *error = NULL;
  WeftRunReader *reader = weft_run_reader_open (path, flags, &error);
  WeftRunReadStatus status;
  WeftRunFrame frame;
  GString *text;

  if (reader == NULL)
    {
      _weft_cli_report (error);
      return WEFT_EXIT_INPUT;
    }
  text = g_string_new (NULL);
  do
    {
      status = weft_run_reader_next (reader, &frame, &error);
      if (status == WEFT_RUN_READ_FRAME)
        print_frame (&frame, text);
    }
  while (status == WEFT_RUN_READ_FRAME || status == WEFT_RUN_READ_GAP);
  if (status != WEFT_RUN_READ_ERROR)
    say_end (reader, path);
  g_string_free (text, TRUE);
  weft_run_reader_free (reader);
  if (status != WEFT_RUN_READ_ERROR)
    return WEFT_EXIT_DONE;
  _weft_cli_report (error);
  return WEFT_EXIT_INPUT;
}

int
_weft_cli_dump (int argc, char **argv)
{
  gboolean resync = FALSE;
  const GOptionEntry entries[] = { { "resync", 0, 0, G_OPTION_ARG_NONE, &resync,
                                     "Go on behind damage instead of stopping", NULL },
                                   { NULL } };
  int status;

  if (!_weft_cli_parse ("dump", "FILE",
                        "Prints a run file as JSON lines, also while it is being written.", NULL,
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("dump", argc, argv, 1, 1))
    return WEFT_EXIT_INPUT;
  return dump (argv[0], resync ? WEFT_RUN_READER_RESYNC : 0);
}
