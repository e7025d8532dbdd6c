/* sheet-table.c: a table as a picture
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Only rows that are shown are asked for; so it takes no longer however many there are.
 */
#include "config.h"

#include "canvas/sheet-paint-private.h"

#include "canvas/number-format.h"
#include "canvas/reading.h"

#include <glib/gi18n.h>

#define LEAST_ROWS 1
#define SELECTED 0.25 /* of the accent's colour behind a row */
#define FAINT 0.4     /* of a line between rows */
#define VEIL 0.6      /* of the ground's colour over rows that do not stand out */

/**
 * Grid:
 * @cells: (array length=n_rows × n_titles): row by row
 * @n_columns: of the titles, that find room
 * @has_rest: something is left out, for which there is a foot
 */
typedef struct
{
  const WeftlineSheetLook *look;
  const WeftlineSheetTable *table;
  SheetBody body;
  int unit, row_height, head_height;
  uint32_t first, n_rows;
  WeftlineSheetCell *cells;
  unsigned n_columns;
  WeftlineSheetPlace places[WEFTLINE_SHEET_MAX_COLUMNS];
  bool has_rest;
} Grid;

/* ---- columns --------------------------------------------------------------------------------- */

static int
form_width (const Grid *grid)
{
  return grid->unit * 3 / 4;
}

/* With what is between it and its text. */
static int
form_room (const Grid *grid)
{
  return form_width (grid) + grid->unit / 2;
}

static WeftlineSheetCell *
cell_at (const Grid *grid, uint32_t row, unsigned column)
{
  return &grid->cells[(size_t) row * grid->table->n_titles + column];
}

static bool
is_sorted (const Grid *grid, unsigned column)
{
  return grid->table->has_head && column == grid->table->sorted;
}

/* (transfer full): with an arrow where rows are sorted by it */
static char *
title_text (const Grid *grid, unsigned column)
{
  const char *title = grid->table->titles[column].title;

  if (!is_sorted (grid, column))
    return g_strdup (title);
  return g_strdup_printf ("%s %s", title, grid->table->descending ? "▼" : "▲");
}

static int
natural_width (const Grid *grid, unsigned column)
{
  WeftlineSheetText *text = grid->look->text;
  int widest = 0;

  if (grid->table->has_head)
    {
      g_autofree char *title = title_text (grid, column);

      widest = weftline_sheet_text_width (text, title, WEFTLINE_SHEET_BOLD);
    }
  for (uint32_t row = 0; row < grid->n_rows; row++)
    {
      const WeftlineSheetCell *cell = cell_at (grid, row, column);
      int form = cell->has_form ? form_room (grid) : 0;

      if (cell->text != NULL)
        widest = MAX (widest, form + weftline_sheet_text_width (text, cell->text, cell->font));
    }
  return widest;
}

static void
find_columns (const Grid *grid, WeftlineSheetColumn *columns)
{
  for (unsigned i = 0; i < grid->table->n_titles; i++)
    {
      const WeftlineSheetTitle *title = &grid->table->titles[i];

      columns[i].natural = natural_width (grid, i);
      columns[i].least = (int) title->least * grid->unit / 2;
      if (grid->n_rows > 0 && cell_at (grid, 0, i)->has_form)
        columns[i].least += form_room (grid);
      columns[i].least = MIN (columns[i].least, columns[i].natural);
      columns[i].grows = title->grows;
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
grid_init (Grid *grid, const WeftlineSheetLook *look, const WeftlineSheetTable *table, int width,
           int height)
{
  *grid = (Grid){ .look = look, .table = table, .unit = _weftline_sheet_unit (look) };
  _weftline_sheet_body (look, width, height, &grid->body);
  grid->row_height = grid->unit * 3 / 2;
  grid->head_height = table->has_head ? grid->unit * 3 / 2 : 0;
}

static void
fill_cells (Grid *grid)
{
  unsigned n = grid->table->n_titles;

  grid->cells = g_new0 (WeftlineSheetCell, (size_t) grid->n_rows * n + 1);
  for (uint32_t row = 0; row < grid->n_rows; row++)
    for (unsigned column = 0; column < n; column++)
      grid->table->fill (grid->table->data, grid->first + row, column, cell_at (grid, row, column));
}

static void
clear_cells (Grid *grid)
{
  for (size_t i = 0; i < (size_t) grid->n_rows * grid->table->n_titles; i++)
    g_free (grid->cells[i].text);
  g_clear_pointer (&grid->cells, g_free);
}

/* What is left out has to be said. */
static void
find_rows (Grid *grid)
{
  int room = grid->body.height - grid->head_height - (grid->has_rest ? grid->body.foot : 0);

  grid->first = grid->table->first;
  grid->n_rows = weftline_sheet_rows (grid->table->n_rows, room, grid->row_height, &grid->first);
  if (grid->n_rows == grid->table->n_rows || grid->has_rest)
    return;
  grid->has_rest = true;
  find_rows (grid);
}

static void
lay_out (Grid *grid)
{
  WeftlineSheetColumn columns[WEFTLINE_SHEET_MAX_COLUMNS];

  find_rows (grid);
  fill_cells (grid);
  find_columns (grid, columns);
  grid->n_columns =
      weftline_sheet_columns (columns, grid->table->n_titles, grid->body.width, grid->unit,
                              grid->table->has_head ? G_MAXINT : grid->unit, grid->places);
  if (grid->n_columns == grid->table->n_titles || grid->has_rest)
    return;
  clear_cells (grid);
  grid->has_rest = true;
  lay_out (grid);
}

void
weftline_sheet_table_size (const WeftlineSheetLook *look, const WeftlineSheetTable *table, int most,
                           int *width, int *height)
{
  WeftlineSheetColumn columns[WEFTLINE_SHEET_MAX_COLUMNS];
  Grid grid;

  grid_init (&grid, look, table, 0, most);
  find_rows (&grid);
  fill_cells (&grid);
  find_columns (&grid, columns);
  *width = 2 * SHEET_MARGIN + 2 * grid.unit * ((int) table->n_titles - 1);
  for (unsigned i = 0; i < table->n_titles; i++)
    *width += columns[i].natural;
  *height = grid.body.y + grid.head_height + (int) MAX (grid.n_rows, LEAST_ROWS) * grid.row_height
            + SHEET_MARGIN;
  if (table->n_rows == 0)
    *height += _weftline_sheet_empty_height (look, *width);
  if (grid.n_rows < table->n_rows)
    *height = most;
  *height = MIN (*height, most);
  clear_cells (&grid);
}

/* ---- painting -------------------------------------------------------------------------------- */

static int
column_x (const Grid *grid, unsigned column)
{
  return grid->body.x
         + (int) weftline_turn (grid->look->rtl, grid->body.width, grid->places[column].x,
                                grid->places[column].width);
}

static void
rule (const Grid *grid, cairo_t *cr, int y, double alpha)
{
  weftline_set_color (cr, grid->look->palette->grid, alpha);
  cairo_rectangle (cr, grid->body.x, y, grid->body.width, 1);
  cairo_fill (cr);
}

static void
show_head (const Grid *grid, cairo_t *cr)
{
  int y = grid->body.y;

  for (unsigned i = 0; i < grid->n_columns; i++)
    {
      bool on_right = grid->table->titles[i].is_number || grid->look->rtl;
      WeftlineSheetCell cell = { .font = WEFTLINE_SHEET_BOLD, .tone = WEFTLINE_SHEET_DIM };

      cell.text = title_text (grid, i);
      _weftline_sheet_show_cell (grid->look, cr, &cell, WEFTLINE_SHEET_CUT_END, 0,
                                 column_x (grid, i), y, grid->places[i].width,
                                 grid->head_height - 1, on_right);
      g_free (cell.text);
    }
  rule (grid, cr, y + grid->head_height - 1, 1);
}

static void
fill_row (const Grid *grid, cairo_t *cr, int y)
{
  cairo_rectangle (cr, grid->body.x - SHEET_MARGIN / 2, y, grid->body.width + SHEET_MARGIN,
                   grid->row_height);
  cairo_fill (cr);
}

static void
show_row (const Grid *grid, cairo_t *cr, uint32_t row, int y)
{
  const WeftlineSheetTable *table = grid->table;

  if (table->selected != NULL && table->selected (table->data, grid->first + row))
    {
      weftline_set_color (cr, grid->look->palette->accent, SELECTED);
      fill_row (grid, cr, y);
    }
  if (table->has_head && row > 0)
    rule (grid, cr, y - 1, FAINT);
  for (unsigned i = 0; i < grid->n_columns; i++)
    _weftline_sheet_show_cell (grid->look, cr, cell_at (grid, row, i), WEFTLINE_SHEET_CUT_END,
                               form_width (grid), column_x (grid, i), y, grid->places[i].width,
                               grid->row_height, table->titles[i].is_number || grid->look->rtl);
  if (table->veiled != NULL && table->veiled (table->data, grid->first + row))
    {
      weftline_set_color (cr, grid->look->palette->card, VEIL);
      fill_row (grid, cr, y);
    }
}

/* “rows 1–40 of 5 000 · 6 of 9 columns”. (transfer full) */
static char *
rest_text (const Grid *grid)
{
  const WeftlineSheetTable *table = grid->table;
  g_autofree char *from = weftline_format_count ((uint64_t) grid->first + 1);
  g_autofree char *to = weftline_format_count ((uint64_t) grid->first + grid->n_rows);
  g_autofree char *all = weftline_format_count (table->n_rows);
  g_autofree char *rows = NULL;
  g_autofree char *columns = NULL;

  if (grid->n_rows == 0)
    /* Translators: so many of so many */
    rows = g_strdup_printf (ngettext ("%s of %s row", "%s of %s rows", table->n_rows), "0", all);
  else if (grid->n_rows < table->n_rows)
    /* Translators: from the first to the last that is shown, of so many */
    rows = g_strdup_printf (_ ("rows %s–%s of %s"), from, to, all);
  if (grid->n_columns < table->n_titles)
    /* Translators: so many of so many */
    columns = g_strdup_printf (_ ("%u of %u columns"), grid->n_columns, table->n_titles);
  return g_strconcat (rows != NULL ? rows : "", rows != NULL && columns != NULL ? " · " : "",
                      columns, NULL);
}

void
weftline_sheet_table_paint (const WeftlineSheetLook *look, const WeftlineSheetTable *table,
                            cairo_t *cr, int width, int height)
{
  Grid grid;

  grid_init (&grid, look, table, width, height);
  lay_out (&grid);
  _weftline_sheet_begin (look, look->figures, cr, width, height);
  if (table->has_head && grid.body.height >= grid.head_height)
    show_head (&grid, cr);
  for (uint32_t row = 0; row < grid.n_rows; row++)
    show_row (&grid, cr, row, grid.body.y + grid.head_height + (int) row * grid.row_height);
  if (table->n_rows == 0)
    _weftline_sheet_say_empty (look, cr, width, height);
  else if (grid.has_rest)
    {
      g_autofree char *words = rest_text (&grid);

      _weftline_sheet_say_rest (look, cr, words, width, height);
    }
  clear_cells (&grid);
}
