/* note-text.c: what a run does not have from its graph, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/note-text.h"
#include "canvas/number-format.h"

#include <glib/gi18n.h>
#include <string.h>

static char *
assumption (const WeftModelNotes *notes)
{
  g_autofree char *duration = weftline_format_duration (notes->stand_in_ns);
  g_autofree char *n = weftline_format_count (notes->n_without_time);
  g_autofree char *all = weftline_format_count (notes->n_replayed);

  /* Translators: so many of so many tasks; what each takes instead */
  return g_strdup_printf (
      ngettext ("Times are assumed: none recorded for %s of %s task, %s instead",
                "Times are assumed: none recorded for %s of %s tasks, %s each", notes->n_replayed),
      n, all, duration);
}

char **
weftline_note_lines (const WeftModelNotes *notes)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  if (notes != NULL && notes->n_without_time > 0)
    {
      g_autofree char *line = assumption (notes);

      g_strv_builder_add (lines, line);
    }
  for (char **line = notes != NULL ? notes->lines : NULL; line != NULL && *line != NULL; line++)
    {
      g_autofree char *valid = g_utf8_make_valid (*line, -1);

      g_strv_builder_add (lines, valid);
    }
  return g_strv_builder_end (lines);
}

char *
weftline_note_short (const char *note)
{
  const char *end = strchr (note, ':'), *from = note;

  /* before the line's number */
  while (end != NULL && !g_ascii_isdigit (end[1]))
    end = strchr (end + 1, ':');
  for (const char *at = note; *note == '/' && end != NULL && at < end; at++)
    if (*at == '/')
      from = at + 1;
  return g_strdelimit (g_strdup (from), "\n\r", ' ');
}
