/* main.c: `weftline-export`: draws a view of a run file into a picture file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A program of its own so that `weftline`, which starts it and has checked what it was told, does
 * not load libraries for drawing each time it runs a graph. It waits for no display and needs none.
 *
 * Lists (tasks, events, inspector) are written as text; they take no notice of how a picture looks.
 *
 * weftline-export VIEW FORMAT WIDTHxHEIGHT light|dark safe|classic COLOR LAYOUT TASK
 *   LINEAGE OUTPUT RUN
 *
 * COLOR is a value's name, or state; LAYOUT is layers or dot; LINEAGE is none, ancestors,
 * descendants or both; without a TASK that is an empty word.
 *
 * Exit status: 0 written, 2 no good run file, 3 the machine would not.
 */
#include "config.h"

#include "export/export-data.h"
#include "export/export.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

enum
{
  EXIT_DONE = 0,
  EXIT_INPUT = 2,
  EXIT_SYSTEM = 3,
};

static int
say (int status, const char *text)
{
  fprintf (stderr, "weftline: %s\n", text);
  return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct
{
  GMutex lock;
  GCond changed;
  WeftModelFeedState state;
} Reading;

static void
changed_cb (WeftModelFeed *feed, void *data)
{
  Reading *reading = data;

  g_mutex_lock (&reading->lock);
  reading->state = weft_model_feed_state (feed);
  g_cond_signal (&reading->changed);
  g_mutex_unlock (&reading->lock);
}

/* All that is in the file; what is written while it is read may be missing. (transfer full)
 * (nullable): NULL: it was said why */
static WeftModel *
read_run (const char *path)
{
  WeftModel *model = weft_model_new ();
  Reading reading = { .state = WEFT_FEED_READING };
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;
  WeftModelFeed *feed;

  g_mutex_init (&reading.lock);
  g_cond_init (&reading.changed);
  feed = weft_model_feed_new (model, path, -1, changed_cb, &reading, &error);
  if (feed != NULL)
    {
      weft_model_feed_no_more (feed);
      g_mutex_lock (&reading.lock);
      while (reading.state < WEFT_FEED_ENDED)
        g_cond_wait (&reading.changed, &reading.lock);
      g_mutex_unlock (&reading.lock);
      if (reading.state == WEFT_FEED_BROKEN)
        why = weft_model_feed_dup_error (feed);
      weft_model_feed_free (feed);
    }
  g_mutex_clear (&reading.lock);
  g_cond_clear (&reading.changed);
  if (feed != NULL && reading.state != WEFT_FEED_BROKEN)
    return model;
  say (EXIT_INPUT, error != NULL ? error->message : why != NULL ? why : path);
  weft_model_unref (model);
  return NULL;
}

/* ---- what was asked for ---------------------------------------------------------------------- */

/* Returns: its index, or -1 */
static int
index_of (const char *const *names, const char *name)
{
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return -1;
}

static bool
parse (char **arguments, WeftlineExport *export)
{
  static const char *const lineages[] = { "none", "ancestors", "descendants", "both", NULL };
  int format = index_of (weftline_export_format_names (), arguments[1]);
  int lineage = index_of (lineages, arguments[8]);

  if (!weftline_export_find_view (arguments[0], &export->view) || format < 0 || lineage < 0
      || sscanf (arguments[2], "%dx%d", &export->width, &export->height) != 2)
    return false;
  export->has_value = weftline_graph_value_find (arguments[5], &export->value);
  export->dot = strcmp (arguments[6], "dot") == 0;
  export->lineage = (WeftlineLineage) lineage;
  export->format = (WeftlineExportFormat) format;
  export->dark = strcmp (arguments[3], "dark") == 0;
  export->palette =
      strcmp (arguments[4], "classic") == 0 ? WEFTLINE_PALETTE_CLASSIC : WEFTLINE_PALETTE_SAFE;
  return true;
}

/* Returns: false: there is none of that key */
static bool
select_task (WeftlineExport *export, WeftModel *model, const char *key)
{
  if (*key == '\0')
    return true;
  export->task = weft_model_find_key (model, key);
  export->has_task = export->task != WEFT_NONE;
  return export->has_task;
}

/* Returns: whether all of it went to standard output */
static bool
print (const char *bytes, size_t n_bytes, GError **error)
{
  if (fwrite (bytes, 1, n_bytes, stdout) == n_bytes && fflush (stdout) == 0)
    return true;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, _ ("standard output: writing failed"));
  return false;
}

static bool
write_picture (const WeftlineExport *export, WeftModel *model, const char *output, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  if (strcmp (output, "-") != 0)
    return weftline_export_file (export, model, &snapshot, output, error);
  bytes = weftline_export_bytes (export, model, &snapshot, error);
  if (bytes == NULL)
    return false;
  return print (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

static bool
write_data (const WeftlineData *data, WeftModel *model, const char *output, GError **error)
{
  WeftModelSnapshot snapshot;
  GString *text;

  weft_model_snapshot (model, &snapshot);
  if (strcmp (output, "-") != 0)
    return weftline_data_file (data, model, &snapshot, output, error);
  text = weftline_data_text (data, model, &snapshot);
  print (text->str, text->len, error);
  g_string_free (text, TRUE);
  return *error == NULL;
}

int
main (int argc, char **argv)
{
  WeftlineExport export = { .view = WEFTLINE_EXPORT_STREAM };
  WeftlineData data = { .task = WEFT_NONE };
  bool is_data;
  g_autoptr (GError) error = NULL;
  WeftModel *model;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  bindtextdomain (GETTEXT_PACKAGE, WEFTLINE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  is_data = argc == 12 && weftline_data_find_view (argv[1], &data.view)
            && weftline_data_find_format (argv[2], &data.format);
  if (argc != 12 || (!is_data && !parse (argv + 1, &export)))
    return say (EXIT_INPUT, _ ("weftline-export is started by “weftline export”"));
  model = read_run (argv[11]);
  if (model == NULL)
    return EXIT_INPUT;
  if (!select_task (&export, model, argv[8]))
    {
      g_autofree char *text = g_strdup_printf (_ ("%s: there is no task “%s”"), argv[11], argv[8]);

      weft_model_unref (model);
      return say (EXIT_INPUT, text);
    }
  data.task = export.has_task ? export.task : WEFT_NONE;
  if (is_data)
    write_data (&data, model, argv[10], &error);
  else
    write_picture (&export, model, argv[10], &error);
  weft_model_unref (model);
  return error == NULL ? EXIT_DONE : say (EXIT_SYSTEM, error->message);
}
