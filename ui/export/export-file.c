/* export-file.c: pictures as bytes, and into files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "canvas/number-format.h"
#include "canvas/shown-text.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>

static const char *const format_names[] = { "png", "svg", "pdf", NULL };

G_DEFINE_QUARK (weftline - export - error - quark, weftline_export_error)

const char *const *
weftline_export_format_names (void)
{
  return format_names;
}

/* ---- words ----------------------------------------------------------------------------------- */

char *
_weftline_export_title (const WeftlineExport *export, const WeftModel *model)
{
  g_autofree char *name = model != NULL ? weft_model_dup_name (model) : NULL;

  if (name == NULL || *name == '\0')
    return g_strdup (_weftline_export_view_title (export));
  return g_strdup_printf ("%s: %s", _weftline_export_view_title (export), name);
}

char *
_weftline_export_about (const WeftModelSnapshot *snapshot)
{
  uint32_t n_ended = snapshot->n_states[WEFT_TASK_MEMORY] + snapshot->n_states[WEFT_TASK_RELEASED]
                     + snapshot->n_states[WEFT_TASK_ERRED];
  g_autofree char *ended = weftline_format_count (n_ended);
  g_autofree char *all = weftline_format_count (snapshot->n_tasks);
  g_autofree char *erred = weftline_format_count (snapshot->n_states[WEFT_TASK_ERRED]);
  g_autofree char *elapsed = weftline_format_duration (weft_model_elapsed (snapshot));

  /* Translators: the last is how long it took */
  return g_strdup_printf (_ ("%s of %s tasks ended, %s failed, in %s"), ended, all, erred, elapsed);
}

/* ---- surfaces -------------------------------------------------------------------------------- */

static cairo_status_t
append_cb (void *data, const unsigned char *bytes, unsigned n_bytes)
{
  GByteArray *array = data;

  if (n_bytes > G_MAXINT32 - array->len)
    return CAIRO_STATUS_NO_MEMORY;
  g_byte_array_append (array, bytes, n_bytes);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
make_surface (const WeftlineExport *export, int width, int height, const char *title,
              GByteArray *bytes)
{
  cairo_surface_t *surface;

  switch (export->format)
    {
    case WEFTLINE_EXPORT_SVG:
      surface = cairo_svg_surface_create_for_stream (append_cb, bytes, width, height);
      if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
        cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
      return surface;
    case WEFTLINE_EXPORT_PDF:
      surface = cairo_pdf_surface_create_for_stream (append_cb, bytes, width, height);
      if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
        {
          cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
          cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, PACKAGE_NAME);
        }
      return surface;
    case WEFTLINE_EXPORT_PNG:
    default:
      return cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
    }
}

static cairo_status_t
draw (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot,
      cairo_surface_t *surface, int width, int height)
{
  cairo_t *cr = cairo_create (surface);
  cairo_status_t status;

  weftline_export_draw (export, model, snapshot, cr, width, height,
                        export->format != WEFTLINE_EXPORT_PNG);
  status = cairo_status (cr);
  cairo_destroy (cr);
  return status;
}

/* All of it is written. */
static cairo_status_t
finish (const WeftlineExport *export, cairo_surface_t *surface, GByteArray *bytes)
{
  if (export->format == WEFTLINE_EXPORT_PNG)
    return cairo_surface_write_to_png_stream (surface, append_cb, bytes);
  cairo_surface_finish (surface);
  return cairo_surface_status (surface);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool
check_size (int width, int height, GError **error)
{
  if (width <= WEFTLINE_EXPORT_MAX_SIZE && height <= WEFTLINE_EXPORT_MAX_SIZE)
    return true;
  g_set_error (error, WEFTLINE_EXPORT_ERROR, WEFTLINE_EXPORT_ERROR_SIZE,
               _ ("%d × %d is too large: at most %d each way"), width, height,
               WEFTLINE_EXPORT_MAX_SIZE);
  return false;
}

/* A picture of pixels is there twice while it is drawn, and whoever draws takes it for granted that
 * there is room. */
static bool
check_room (const WeftlineExport *export, int width, int height, GError **error)
{
  gsize n_bytes = export->format == WEFTLINE_EXPORT_PNG
                      ? (gsize) width * (gsize) height * sizeof (uint32_t) * 2
                      : 0;
  void *room = n_bytes > 0 ? g_try_malloc (n_bytes) : NULL;
  bool there_is = n_bytes == 0 || room != NULL;

  g_free (room);
  if (!there_is)
    g_set_error (error, WEFTLINE_EXPORT_ERROR, WEFTLINE_EXPORT_ERROR_DRAW,
                 _ ("The picture could not be drawn: %s"),
                 cairo_status_to_string (CAIRO_STATUS_NO_MEMORY));
  return there_is;
}

GBytes *
weftline_export_bytes (const WeftlineExport *export, WeftModel *model,
                       const WeftModelSnapshot *snapshot, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *title = _weftline_export_title (export, model);
  g_autofree char *about = _weftline_export_about (snapshot);
  cairo_surface_t *surface;
  cairo_status_t status;
  GArray *texts = NULL;
  int width, height;

  weftline_export_measure (export, model, snapshot, &width, &height);
  if (!check_size (width, height, error) || !check_room (export, width, height, error))
    return NULL;
  surface = make_surface (export, width, height, title, bytes);
  if (export->format == WEFTLINE_EXPORT_SVG)
    texts = weftline_collect_texts (surface);
  status = draw (export, model, snapshot, surface, width, height);
  if (status == CAIRO_STATUS_SUCCESS)
    status = finish (export, surface, bytes);
  if (status == CAIRO_STATUS_SUCCESS && texts != NULL)
    _weftline_svg_finish (bytes, title, about, texts);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_set_error (error, WEFTLINE_EXPORT_ERROR, WEFTLINE_EXPORT_ERROR_DRAW,
               _ ("The picture could not be drawn: %s"), cairo_status_to_string (status));
  return NULL;
}

bool
weftline_export_file (const WeftlineExport *export, WeftModel *model,
                      const WeftModelSnapshot *snapshot, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = weftline_export_bytes (export, model, snapshot, error);
  FILE *file;
  bool good;

  if (bytes == NULL)
    return false;
  file = fopen (path, "wbe");
  if (file != NULL)
    {
      good = fwrite (g_bytes_get_data (bytes, NULL), 1, g_bytes_get_size (bytes), file)
             == g_bytes_get_size (bytes);
      good = fclose (file) == 0 && good;
      if (good)
        return true;
    }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  return false;
}
