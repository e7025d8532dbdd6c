/* weftline-window-export.c: views into files: pictures, and lists
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is shown when it is asked for is what is drawn, in a thread: of a large graph that takes
 * some time.
 */
#include "config.h"

#include "app/weftline-cards.h"
#include "app/weftline-window-private.h"
#include "canvas/text-zoom.h"
#include "export/export-data.h"
#include "inspect/run-facts.h"
#include "table/task-table.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

typedef struct
{
  WeftlineExport export;
  WeftlineViewport viewport;
  WeftModel *model; /* (nullable) */
  WeftModelSnapshot snapshot;
  char *font;
  char *path;
  bool is_list;
  WeftlineData data; /* of one */
  bool is_table;
  WeftlineTaskOwnQuery query; /* of a table */
  uint32_t top;               /* task in its first row that is seen; WEFT_NONE: none is */
  WeftlineExportTable table;
  WeftlineTaskRows rows;
  WeftlineExportRun run;
  WeftEta left;
  char *failure, *message, *results; /* (nullable): the run's */
} Export;

static void
export_free (void *data)
{
  Export *self = data;

  weft_model_unref (self->model);
  weft_moment_unref (self->data.moment);
  weftline_task_own_query_clear (&self->query);
  weftline_task_rows_clear (&self->rows);
  g_free (self->failure);
  g_free (self->message);
  g_free (self->results);
  g_free (self->font);
  g_free (self->path);
  g_free (self);
}

/* The rows of a table, and the moment, as they are asked for: what the window shows of them may
 * still be on its way, and a table that is hidden shows none. */
static void
make_parts (Export *self)
{
  if (self->model == NULL)
    return;
  self->data.moment = weftline_export_moment (&self->export, self->model, &self->snapshot);
  if (!self->is_table)
    return;
  weftline_task_rows_make_at (self->model, &self->snapshot, self->data.moment, &self->query.query,
                              NULL, &self->rows);
  weftline_export_table_init (&self->table, &self->rows, &self->query.query, self->top);
  self->export.table = &self->table;
  self->data.rows = self->rows.tasks;
  self->data.n_rows = self->rows.n;
}

static void
export_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  Export *export = data;
  GError *error = NULL;
  bool good;

  if (export->is_list || export->is_table)
    make_parts (export);
  good = export->is_list ? weftline_data_file (&export->data, export->model, &export->snapshot,
                                               export->path, &error)
                         : weftline_export_file (&export->export, export->model, &export->snapshot,
                                                 export->path, &error);
  if (good)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
exported_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineWindow) self = data;
  const Export *export = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (export->path);
  g_autofree char *done = g_strdup_printf (_ ("“%s” was saved"), name);

  g_task_propagate_boolean (G_TASK (result), &error);
  _weftline_window_say (self, error != NULL ? error->message : done);
}

/* By the name's ending. */
static gboolean
find_format (const char *path, WeftlineExportFormat *format)
{
  const char *const *names = weftline_export_format_names ();
  const char *ending = strrchr (path, '.');

  for (unsigned i = 0; ending != NULL && names[i] != NULL; i++)
    if (g_ascii_strcasecmp (ending + 1, names[i]) == 0)
      {
        *format = (WeftlineExportFormat) i;
        return TRUE;
      }
  return FALSE;
}

/* What the table is asked for, and where it is scrolled to. */
static void
take_query (Export *export, WeftlineTaskTable *table)
{
  WeftlineTaskQuery query;

  weftline_task_table_get_query (table, &query);
  weftline_task_own_query_set (&export->query, &query);
  export->top =
      weftline_task_list_task (weftline_task_table_list (table), weftline_task_table_top (table));
  export->is_table = true;
}

/* The time that is looked at. */
static void
take_time (Export *export, WeftlineSession *session)
{
  export->export.at_ns = weftline_session_time (session);
  export->export.has_time = export->export.at_ns != WEFTLINE_NOW;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* As it is, or was, when it is asked for. (transfer full) (nullable): it is no list, or there is
 * nothing in it yet */
static Export *
describe_list (WeftlineWindow *self, const char *pane, WeftlineDataFormat format)
{
  WeftlineRunPage *page = weftline_window_page (self);
  WeftlineCard *card =
      page != NULL ? weftline_dock_card (weftline_run_page_dock (page), pane) : NULL;
  WeftlineSession *session = page != NULL ? weftline_run_page_session (page) : NULL;
  WeftlineDataView view;
  Export *export;

  if (card == NULL || !weftline_data_find_view (pane, &view)
      || weftline_session_model (session) == NULL)
    return NULL;
  export = g_new0 (Export, 1);
  export->is_list = true;
  export->model = weft_model_ref (weftline_session_model (session));
  export->snapshot = *weftline_session_snapshot (session);
  take_time (export, session);
  export->data = (WeftlineData){ .view = view,
                                 .format = format,
                                 .task = weftline_session_selection (session)->task,
                                 .time_form = weftline_session_look (session)->time_form };
  if (WEFTLINE_IS_TASK_TABLE (weftline_card_child (card)))
    take_query (export, WEFTLINE_TASK_TABLE (weftline_card_child (card)));
  return export;
}

/* By the name's ending. */
static gboolean
find_list_format (const char *pane, const char *path, WeftlineDataFormat *format)
{
  const char *ending = strrchr (path, '.');
  WeftlineDataView view;

  return ending != NULL && weftline_data_find_view (pane, &view)
         && weftline_data_find_format (ending + 1, format)
         && weftline_data_has_format (view, *format);
}

static void
start (WeftlineWindow *self, Export *export, const char *path)
{
  /* no source object: the thread might be the last to give it back */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, exported_cb, g_object_ref (self));

  export->path = g_strdup (path);
  g_task_set_task_data (task, export, export_free);
  g_task_run_in_thread (task, export_thread);
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* As the card says it. */
static void
take_run (Export *export, WeftlineSession *session)
{
  WeftlineRun *run = weftline_session_run (session);
  int64_t at_ns = weftline_session_time (session);
  WeftlineRunOutcome outcome = { .has_results = weftline_run_has_results (run),
                                 .is_over = weftline_run_is_over (run),
                                 .about = weftline_run_about (run) };
  WeftModelErrorText error;
  const char *words;
  uint32_t index;

  weftline_session_status (session, &export->run.status);
  if (weftline_session_left (session, &export->left))
    export->run.left = &export->left;
  if (export->model != NULL && weftline_run_find_failure (export->model, &index))
    {
      weft_model_error (export->model, index, &error);
      if (error.at_ns <= at_ns)
        export->run.failure = export->failure = weftline_run_failure_text (export->model, index);
    }
  /* which task failed and why says as much */
  if (at_ns == WEFTLINE_NOW
      && (export->failure == NULL || export->run.status.phase != WEFT_RUN_FAILED))
    export->run.message = export->message = g_strdup (weftline_run_message (run));
  outcome.too_early = at_ns != WEFTLINE_NOW && export->run.status.phase < WEFT_RUN_DONE;
  outcome.results = export->results = weftline_run_dup_results (run);
  words = weftline_run_results_text (&outcome);
  export->run.are_results = words == export->results;
  if (!export->run.are_results)
    {
      words = g_strdup (words);
      g_free (export->results);
      export->results = (char *) words;
    }
  export->run.results = export->results;
  export->export.run = &export->run;
}

/* Drawn views are of the usual size, and shown larger as a whole where text is; lists have larger
 * text. (transfer full) */
static char *
dup_font (const WeftlineExport *export, GtkWidget *view)
{
  g_autofree char *usual = weftline_text_zoom_dup_font (view);
  PangoFontDescription *font;
  char *text;
  double size;

  if (export->view < WEFTLINE_EXPORT_TABLE)
    return g_steal_pointer (&usual);
  font = pango_font_description_from_string (usual);
  size = pango_font_description_get_size (font) * weftline_text_zoom_of (view);
  if (pango_font_description_get_size_is_absolute (font))
    pango_font_description_set_absolute_size (font, size);
  else
    pango_font_description_set_size (font, (int) round (size));
  text = pango_font_description_to_string (font);
  pango_font_description_free (font);
  return text;
}

static void
take_look (Export *export, WeftlineSession *session, WeftlineCard *card)
{
  const WeftlineSessionLook *look = weftline_session_look (session);

  export->export.palette = look->palette;
  export->export.labels = (int) look->labels - WEFTLINE_DENSITY_NORMAL;
  export->export.time_form = look->time_form;
  export->export.task = weftline_session_selection (session)->task;
  export->export.has_task = export->export.task != WEFT_NONE;
  export->export.lineage = weftline_session_lineage (session);
  take_time (export, session);
  export->export.font = export->font = dup_font (&export->export, weftline_card_child (card));
}

/* (transfer full) (nullable): NULL: nothing can be drawn */
static Export *
describe (WeftlineWindow *self, const char *pane)
{
  WeftlineRunPage *page = weftline_window_page (self);
  WeftlineCard *card =
      page != NULL ? weftline_dock_card (weftline_run_page_dock (page), pane) : NULL;
  WeftlineSession *session;
  Export *export;

  if (card == NULL)
    return NULL;
  export = g_new0 (Export, 1);
  weftline_cards_describe (card, &export->export);
  session = weftline_run_page_session (page);
  if (weftline_session_model (session) != NULL)
    export->model = weft_model_ref (weftline_session_model (session));
  export->snapshot = *weftline_session_snapshot (session);
  take_look (export, session, card);
  if (WEFTLINE_IS_TASK_TABLE (weftline_card_child (card)))
    take_query (export, WEFTLINE_TASK_TABLE (weftline_card_child (card)));
  if (export->export.view >= WEFTLINE_EXPORT_RUN)
    take_run (export, session);
  if (export->export.viewport != NULL)
    {
      export->viewport = *export->export.viewport;
      export->export.viewport = &export->viewport;
    }
  return export;
}

/* ---- files ----------------------------------------------------------------------------------- */

static void
say_endings (WeftlineWindow *self, const char *pane)
{
  WeftlineDataView view;

  if (!weftline_data_find_view (pane, &view))
    _weftline_window_say (self, _ ("The name has to end with .png, .svg or .pdf"));
  else if (weftline_data_has_format (view, WEFTLINE_DATA_TEXT))
    _weftline_window_say (self, _ ("The name has to end with .png, .svg, .pdf, .csv or .txt"));
  else
    _weftline_window_say (self, _ ("The name has to end with .png, .svg, .pdf or .csv"));
}

void
weftline_window_export (WeftlineWindow *self, const char *pane, const char *path)
{
  WeftlineDataFormat list_format;
  WeftlineExportFormat format;
  Export *export;

  if (find_list_format (pane, path, &list_format))
    export = describe_list (self, pane, list_format);
  else if (find_format (path, &format))
    {
      export = describe (self, pane);
      if (export != NULL)
        export->export.format = format;
    }
  else
    {
      say_endings (self, pane);
      return;
    }
  if (export != NULL)
    start (self, export, path);
}

static void
export_to (WeftlineWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (path != NULL && self->exported != NULL)
    weftline_window_export (self, self->exported, path);
}

void
_weftline_window_choose_export (WeftlineWindow *self, const char *pane, bool as_list)
{
  static const char *const pictures[] = { "*.png", "*.svg", "*.pdf", NULL };
  static const char *const lists[] = { "*.csv", "*.txt", NULL };
  WeftlineRun *run = weftline_window_run (self);
  g_autofree char *name = NULL;
  GtkFileChooser *chooser;

  if (run == NULL)
    return;
  g_free (self->exported);
  self->exported = g_strdup (pane);
  chooser =
      _weftline_window_make_chooser (self, as_list ? _ ("Export as a List") : _ ("Save as Picture"),
                                     GTK_FILE_CHOOSER_ACTION_SAVE, export_to);
  if (as_list)
    _weftline_window_add_filter (chooser, _ ("Lists: CSV, text"), lists);
  else
    _weftline_window_add_filter (chooser, _ ("Pictures: PNG, SVG, PDF"), pictures);
  name = g_strdup_printf ("%s-%s.%s", weftline_run_name (run), pane, as_list ? "csv" : "png");
  gtk_file_chooser_set_current_name (chooser, g_strdelimit (name, "/", '-'));
  gtk_native_dialog_show (self->dialog);
}
