/* export-pages.c: what is said in words, drawn without a window: of a task, of the run, its output
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "events/output-text.h"
#include "inspect/inspect-facts.h"
#include "inspect/run-facts.h"
#include "session/weftline-then.h"

#include <glib/gi18n.h>
#include <string.h>

#define INSPECTOR_WIDTH 560
#define OUTPUT_WIDTH 800
#define RUN_WIDTH 400
#define RESULTS_WIDTH 560
#define MAX_OUTPUT_LINES 2000 /* more than the highest picture has */
#define MAX_OUTPUT_BYTES (1 << 20)

/* Bars: as in the window's style.css. */
#define DONE_COLOR 0x2fa37c
#define FAILED_ON_LIGHT 0xe01b24
#define FAILED_ON_DARK 0xc01c28
#define ACTIVE_COLOR 0x3584e4

typedef struct
{
  ExportSheet sheet;
  WeftlineSheetPage page;
  GArray *items;
  uint64_t n_bytes; /* that were written, as far as the moment */
  char *figures;
} Page;

typedef void (*FillPage) (Page *page, const WeftlineExport *export, WeftModel *model,
                          const WeftModelSnapshot *snapshot);

static void
page_init (Page *page, FillPage fill, const WeftlineExport *export, WeftModel *model,
           const WeftModelSnapshot *snapshot)
{
  *page = (Page){ .items = weftline_sheet_items_new () };
  page->page.items = page->items;
  page->page.data = page;
  _weftline_export_sheet_init (&page->sheet, export, model, snapshot);
  fill (page, export, model, snapshot);
  if (page->figures != NULL)
    page->sheet.look.figures = page->figures;
}

static void
page_clear (Page *page)
{
  g_array_unref (page->items);
  _weftline_export_sheet_clear (&page->sheet);
  g_free (page->figures);
}

static void
measure_page (FillPage fill, int usual_width, const WeftlineExport *export, WeftModel *model,
              const WeftModelSnapshot *snapshot, int *width, int *height)
{
  Page page;

  page_init (&page, fill, export, model, snapshot);
  *width = export->width > 0 ? export->width : usual_width;
  *height =
      weftline_sheet_page_height (&page.sheet.look, &page.page, *width, EXPORT_MAX_DEFAULT_HEIGHT);
  page_clear (&page);
}

static void
draw_page (FillPage fill, const WeftlineExport *export, WeftModel *model,
           const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height)
{
  Page page;

  page_init (&page, fill, export, model, snapshot);
  weftline_sheet_page_paint (&page.sheet.look, &page.page, cr, width, height);
  page_clear (&page);
}

/* ---- one task -------------------------------------------------------------------------------- */

/* How its rows look. */
static WeftlineSheetItem
form_of (const Page *page, const WeftModel *model, const WeftlineFact *fact)
{
  bool has_title = *fact->title != '\0';
  WeftlineSheetItem item = { .kind = has_title ? WEFTLINE_SHEET_PAIR : WEFTLINE_SHEET_ACROSS,
                             .title = { .tone = WEFTLINE_SHEET_DIM },
                             .weight = 1 };

  if (fact->kind == WEFTLINE_FACT_STATE || fact->kind == WEFTLINE_FACT_LINK)
    {
      item.text.has_form = true;
      item.text.state = fact->state;
      item.text.color = _weftline_export_sheet_color (&page->sheet, model, fact->task);
    }
  item.cut = fact->kind == WEFTLINE_FACT_LINK;
  item.boxed = fact->kind == WEFTLINE_FACT_OUTPUT;
  if (item.boxed)
    item.text.font = WEFTLINE_SHEET_MONO;
  return item;
}

static void
add_fact (Page *page, const WeftModel *model, const WeftlineFact *fact)
{
  const char *text = fact->text != NULL ? fact->text : "";
  WeftlineSheetItem like, *heading;

  if (fact->kind == WEFTLINE_FACT_HEADING)
    {
      heading = weftline_sheet_items_add (page->items, WEFTLINE_SHEET_HEADING, fact->title, text);
      heading->title.font = WEFTLINE_SHEET_BOLD;
      heading->text.tone = WEFTLINE_SHEET_DIM;
      return;
    }
  like = form_of (page, model, fact);
  weftline_sheet_items_add_lines (page->items, &like, fact->title, text);
}

static void
fill_inspector (Page *page, const WeftlineExport *export, WeftModel *model,
                const WeftModelSnapshot *snapshot)
{
  g_autoptr (GPtrArray) facts = NULL;

  page->sheet.look.empty = _ ("Select a task in a picture or through search to read all about it");
  if (!_weftline_export_has_task (export, model, snapshot))
    return;
  facts =
      weftline_inspect_facts (model, snapshot, page->sheet.moment, export->time_form, export->task);
  for (guint i = 0; i < facts->len; i++)
    add_fact (page, model, facts->pdata[i]);
}

void
_weftline_export_measure_inspector (const WeftlineExport *export, WeftModel *model,
                                    const WeftModelSnapshot *snapshot, int *width, int *height)
{
  measure_page (fill_inspector, INSPECTOR_WIDTH, export, model, snapshot, width, height);
}

void
_weftline_export_draw_inspector (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                 int height, bool as_shapes G_GNUC_UNUSED)
{
  draw_page (fill_inspector, export, model, snapshot, cr, width, height);
}

/* ---- what tasks wrote ------------------------------------------------------------------------ */

static bool
is_shown (const WeftlineExport *export, const WeftModelLog *log)
{
  return log->n_bytes > 0 && log->stream != WEFT_STREAM_LOG
         && log->at_ns <= _weftline_export_at (export);
}

static uint64_t
count_lines (const WeftModelLog *log)
{
  uint64_t n = 0;

  for (size_t i = 0; i < log->n_bytes; i++)
    n += log->bytes[i] == '\n';
  return n;
}

/* The first of the last pieces that fill any picture, and how much was written at all. */
static uint64_t
find_pieces (Page *page, const WeftlineExport *export, const WeftModel *model, uint64_t n)
{
  uint64_t first = n, n_lines = 0, n_bytes = 0;

  for (uint64_t i = n; i-- > 0;)
    {
      WeftModelLog log;

      weft_model_log (model, i, &log);
      if (!is_shown (export, &log))
        continue;
      page->n_bytes += log.n_bytes;
      if (n_lines > MAX_OUTPUT_LINES || n_bytes > MAX_OUTPUT_BYTES)
        continue;
      n_lines += count_lines (&log);
      n_bytes += log.n_bytes;
      first = i;
    }
  return first;
}

/* All of one stream of a task, up to the next one's. Weights are bytes, line ends included. */
static void
add_block (Page *page, const char *heading, const GString *block)
{
  const WeftlineSheetItem like = { .kind = WEFTLINE_SHEET_ACROSS,
                                   .text = { .font = WEFTLINE_SHEET_MONO },
                                   .goes_on = true };
  WeftlineSheetItem *title =
      weftline_sheet_items_add (page->items, WEFTLINE_SHEET_HEADING, heading, "");
  g_autofree char *valid = NULL;
  guint first = page->items->len;
  uint64_t n_left = block->len;

  title->title.font = WEFTLINE_SHEET_BOLD;
  title->weight = 0;
  valid = g_utf8_make_valid (block->str, (gssize) block->len);
  weftline_sheet_items_add_lines (page->items, &like, NULL, valid);
  for (guint i = first; i < page->items->len; i++)
    {
      WeftlineSheetItem *item = &g_array_index (page->items, WeftlineSheetItem, i);
      bool is_last = i + 1 == page->items->len;

      item->weight = is_last ? n_left : MIN (strlen (item->text.text) + 1, n_left);
      n_left -= item->weight;
    }
}

static void
add_pieces (Page *page, const WeftlineExport *export, const WeftModel *model, uint64_t first,
            uint64_t n)
{
  g_autoptr (GString) block = g_string_new (NULL);
  g_autofree char *heading = NULL;
  uint32_t task = WEFT_NONE;
  WeftStream stream = WEFT_STREAM_OUT;

  for (uint64_t i = first; i < n; i++)
    {
      WeftModelLog log;

      weft_model_log (model, i, &log);
      if (!is_shown (export, &log))
        continue;
      if (heading == NULL || log.task != task || log.stream != stream)
        {
          if (heading != NULL)
            add_block (page, heading, block);
          g_string_truncate (block, 0);
          g_free (heading);
          heading = weftline_output_heading (model, &log);
        }
      task = log.task;
      stream = log.stream;
      g_string_append_len (block, log.bytes, (gssize) log.n_bytes);
    }
  if (heading != NULL)
    add_block (page, heading, block);
}

static const char *
output_figures (void *data, uint64_t weight)
{
  Page *page = data;

  g_free (page->figures);
  page->figures = weftline_output_count_text (weight, page->n_bytes);
  return page->figures;
}

static void
fill_output (Page *page, const WeftlineExport *export, WeftModel *model,
             const WeftModelSnapshot *snapshot)
{
  page->page.from_end = true;
  page->page.figures = output_figures;
  page->sheet.look.empty = _ ("No task has written anything");
  if (model != NULL)
    add_pieces (page, export, model, find_pieces (page, export, model, snapshot->n_logs),
                snapshot->n_logs);
}

void
_weftline_export_measure_output (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, int *width, int *height)
{
  measure_page (fill_output, OUTPUT_WIDTH, export, model, snapshot, width, height);
}

void
_weftline_export_draw_output (const WeftlineExport *export, WeftModel *model,
                              const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                              bool as_shapes G_GNUC_UNUSED)
{
  draw_page (fill_output, export, model, snapshot, cr, width, height);
}

/* ---- the run --------------------------------------------------------------------------------- */

/* As the records have it, where nobody says it. */
typedef struct
{
  WeftlineExportRun run;
  WeftEta left;
  char *failure;
} Recorded;

static void
take_status (Recorded *recorded, const WeftlineExport *export, WeftModel *model,
             const WeftModelSnapshot *snapshot)
{
  WeftPast *past = weft_past_new (model, snapshot);
  WeftMoment *moment = weft_moment_new (past, _weftline_export_at (export));
  WeftlineRunStatus *status = &recorded->run.status;

  weftline_status_then (model, snapshot, moment, status);
  if (export->has_time)
    {
      if (status->phase == WEFT_RUN_RUNNING || status->phase == WEFT_RUN_PAUSED)
        weft_eta_estimate_then (model, snapshot, moment, &recorded->left);
    }
  else
    {
      recorded->run.status.phase = snapshot->phase;
      recorded->run.status.elapsed_ns = weft_model_elapsed (snapshot);
    }
  if (recorded->left.known)
    recorded->run.left = &recorded->left;
  weft_moment_unref (moment);
  weft_past_free (past);
}

static void
recorded_init (Recorded *recorded, const WeftlineExport *export, WeftModel *model,
               const WeftModelSnapshot *snapshot)
{
  WeftModelErrorText error;
  uint32_t index;

  *recorded = (Recorded){ 0 };
  recorded->run.results = weftline_run_results_text (&(WeftlineRunOutcome){ 0 });
  if (model == NULL)
    return;
  take_status (recorded, export, model, snapshot);
  if (!weftline_run_find_failure (model, &index))
    return;
  weft_model_error (model, index, &error);
  if (error.at_ns <= _weftline_export_at (export))
    recorded->run.failure = recorded->failure = weftline_run_failure_text (model, index);
}

static uint32_t
bar_color (const Page *page, WeftRunPhase phase)
{
  const WeftlinePalette *palette = page->sheet.look.palette;

  if (phase < WEFT_RUN_DONE)
    return ACTIVE_COLOR;
  if (phase == WEFT_RUN_DONE)
    return DONE_COLOR;
  if (phase == WEFT_RUN_FAILED)
    return palette->dark ? FAILED_ON_DARK : FAILED_ON_LIGHT;
  return weftline_blend (palette->card, palette->text, 102);
}

static void
add_words (Page *page, const char *words)
{
  const WeftlineSheetItem like = { .kind = WEFTLINE_SHEET_ACROSS,
                                   .text = { .tone = WEFTLINE_SHEET_ERROR },
                                   .weight = 1 };

  if (words != NULL)
    weftline_sheet_items_add_lines (page->items, &like, NULL, words);
}

static void
add_figures (Page *page, const WeftlineExportRun *run)
{
  WeftlineSheetItem *item = weftline_sheet_items_add (page->items, WEFTLINE_SHEET_BAR, NULL, NULL);

  item->share = weftline_run_share (&run->status);
  item->color = bar_color (page, run->status.phase);
  add_words (page, run->failure);
  for (WeftlineRunFact i = 0; i < WEFTLINE_RUN_N_FACTS; i++)
    {
      g_autofree char *text = weftline_run_fact_text (&run->status, run->left, i);

      if (!weftline_run_fact_is_shown (&run->status, i, text))
        continue;
      item = weftline_sheet_items_add (page->items, WEFTLINE_SHEET_PAIR,
                                       weftline_run_fact_title (i), text);
      item->title.tone = WEFTLINE_SHEET_DIM;
      item->at_end = true;
    }
  add_words (page, run->message);
}

static void
fill_run (Page *page, const WeftlineExport *export, WeftModel *model,
          const WeftModelSnapshot *snapshot)
{
  Recorded recorded;

  if (model != NULL)
    page->figures = weft_model_dup_name (model);
  if (export->run != NULL)
    {
      add_figures (page, export->run);
      return;
    }
  recorded_init (&recorded, export, model, snapshot);
  add_figures (page, &recorded.run);
  g_free (recorded.failure);
}

void
_weftline_export_measure_run (const WeftlineExport *export, WeftModel *model,
                              const WeftModelSnapshot *snapshot, int *width, int *height)
{
  measure_page (fill_run, RUN_WIDTH, export, model, snapshot, width, height);
}

void
_weftline_export_draw_run (const WeftlineExport *export, WeftModel *model,
                           const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                           bool as_shapes G_GNUC_UNUSED)
{
  draw_page (fill_run, export, model, snapshot, cr, width, height);
}

static void
fill_results (Page *page, const WeftlineExport *export, WeftModel *model G_GNUC_UNUSED,
              const WeftModelSnapshot *snapshot G_GNUC_UNUSED)
{
  bool are_results = export->run != NULL && export->run->are_results;
  const WeftlineSheetItem like = {
    .kind = WEFTLINE_SHEET_ACROSS,
    .text = { .font = are_results ? WEFTLINE_SHEET_MONO : WEFTLINE_SHEET_NORMAL },
    .goes_on = true,
    .weight = 1,
  };

  weftline_sheet_items_add_lines (page->items, &like, NULL,
                                  export->run != NULL && export->run->results != NULL
                                      ? export->run->results
                                      : weftline_run_results_text (&(WeftlineRunOutcome){ 0 }));
}

void
_weftline_export_measure_results (const WeftlineExport *export, WeftModel *model,
                                  const WeftModelSnapshot *snapshot, int *width, int *height)
{
  measure_page (fill_results, RESULTS_WIDTH, export, model, snapshot, width, height);
}

void
_weftline_export_draw_results (const WeftlineExport *export, WeftModel *model,
                               const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                               int height, bool as_shapes G_GNUC_UNUSED)
{
  draw_page (fill_results, export, model, snapshot, cr, width, height);
}
