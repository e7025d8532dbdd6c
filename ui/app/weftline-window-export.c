/* weftline-window-export.c: views into picture files
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

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  WeftlineExport export;
  WeftlineViewport viewport;
  WeftModel *model; /* (nullable) */
  WeftModelSnapshot snapshot;
  char *font;
  char *path;
} Export;

static void
export_free (void *data)
{
  Export *self = data;

  weft_model_unref (self->model);
  g_free (self->font);
  g_free (self->path);
  g_free (self);
}

static void
export_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  const Export *export = data;
  GError *error = NULL;

  if (weftline_export_file (&export->export, export->model, &export->snapshot, export->path,
                            &error))
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
  if (!weftline_cards_describe (card, &export->export))
    {
      export_free (export);
      return NULL;
    }
  session = weftline_run_page_session (page);
  if (weftline_session_model (session) != NULL)
    export->model = weft_model_ref (weftline_session_model (session));
  export->snapshot = *weftline_session_snapshot (session);
  export->export.palette = weftline_session_look (session)->palette;
  export->export.labels = (int) weftline_session_look (session)->labels - WEFTLINE_DENSITY_NORMAL;
  export->export.time_form = weftline_session_look (session)->time_form;
  export->export.task = weftline_session_selection (session)->task;
  export->export.has_task = export->export.task != WEFT_NONE;
  export->export.lineage = weftline_session_lineage (session);
  export->export.at_ns = weftline_session_time (session);
  export->export.has_time = export->export.at_ns != WEFTLINE_NOW;
  export->export.font = export->font = weftline_text_zoom_dup_font (weftline_card_child (card));
  if (export->export.viewport != NULL)
    {
      export->viewport = *export->export.viewport;
      export->export.viewport = &export->viewport;
    }
  return export;
}

void
weftline_window_export (WeftlineWindow *self, const char *pane, const char *path)
{
  g_autoptr (GTask) task = NULL;
  WeftlineExportFormat format;
  Export *export;

  if (!find_format (path, &format))
    {
      _weftline_window_say (self, _ ("The name has to end with .png, .svg or .pdf"));
      return;
    }
  export = describe (self, pane);
  if (export == NULL)
    return;
  export->path = g_strdup (path);
  export->export.format = format;
  /* no source object: the thread might be the last to give it back */
  task = g_task_new (NULL, NULL, exported_cb, g_object_ref (self));
  g_task_set_task_data (task, export, export_free);
  g_task_run_in_thread (task, export_thread);
}

static void
export_to (WeftlineWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (path != NULL && self->exported != NULL)
    weftline_window_export (self, self->exported, path);
}

void
_weftline_window_choose_export (WeftlineWindow *self, const char *pane)
{
  static const char *const pictures[] = { "*.png", "*.svg", "*.pdf", NULL };
  WeftlineRun *run = weftline_window_run (self);
  g_autofree char *name = NULL;
  GtkFileChooser *chooser;

  if (run == NULL)
    return;
  g_free (self->exported);
  self->exported = g_strdup (pane);
  chooser = _weftline_window_make_chooser (self, _ ("Save as Picture"),
                                           GTK_FILE_CHOOSER_ACTION_SAVE, export_to);
  _weftline_window_add_filter (chooser, _ ("Pictures: PNG, SVG, PDF"), pictures);
  name = g_strdup_printf ("%s-%s.png", weftline_run_name (run), pane);
  gtk_file_chooser_set_current_name (chooser, g_strdelimit (name, "/", '-'));
  gtk_native_dialog_show (self->dialog);
}
