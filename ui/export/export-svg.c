/* export-svg.c: what cairo leaves out of an SVG file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A title and a description, for whoever cannot see it, and its text: cairo draws outlines. The
 * text lies over them, fully transparent, as wide as they are, whatever fonts there are.
 */
#include "config.h"

#include "export/export-private.h"

#include "canvas/shown-text.h"

#include <string.h>

/* Without what cannot be in XML. (transfer full) */
static char *
escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *allowed = g_string_new (NULL);
  char *escaped;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
        c = c == '\t' || c == '\n' ? ' ' : 0xfffd;
      g_string_append_unichar (allowed, c);
    }
  escaped = g_markup_escape_text (allowed->str, -1);
  g_string_free (allowed, TRUE);
  return escaped;
}

static void
append_number (GString *svg, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.2f", value);
  g_string_append_printf (svg, " %s=\"%s\"", name, text);
}

static void
append_text (GString *svg, const WeftlineShownText *shown)
{
  g_autofree char *escaped = escape (shown->text);

  if (*escaped == '\0' || shown->width <= 0)
    return;
  g_string_append (svg, "<text");
  g_string_append (svg, " xml:space=\"preserve\"");
  append_number (svg, "x", shown->x);
  append_number (svg, "y", shown->y);
  append_number (svg, "font-size", shown->size);
  append_number (svg, "textLength", shown->width);
  g_string_append_printf (svg, " lengthAdjust=\"spacingAndGlyphs\">%s</text>\n", escaped);
}

/* Where a part begins in what cairo has written. @after: behind it. */
static gsize
find (const GByteArray *bytes, const char *part, bool after)
{
  const char *found = g_strstr_len ((const char *) bytes->data, bytes->len, part);

  g_assert (found != NULL);
  return (gsize) (found - (const char *) bytes->data) + (after ? strlen (part) : 0);
}

static void
insert (GByteArray *bytes, gsize at, const GString *what)
{
  g_autofree guint8 *rest = NULL;
  gsize n_rest = bytes->len - at;

  rest = n_rest > 0 ? g_memdup2 (bytes->data + at, n_rest) : NULL;
  g_byte_array_set_size (bytes, (guint) at);
  g_byte_array_append (bytes, (const guint8 *) what->str, (guint) what->len);
  if (n_rest > 0)
    g_byte_array_append (bytes, rest, (guint) n_rest);
}

void
_weftline_svg_finish (GByteArray *bytes, const char *title, const char *about, const GArray *texts)
{
  g_autoptr (GString) head = g_string_new ("\n<title>");
  g_autoptr (GString) words = g_string_new ("<g fill-opacity=\"0\" font-family=\"sans-serif\">\n");
  g_autofree char *title_text = escape (title);
  g_autofree char *about_text = escape (about);
  gsize end;

  for (guint i = 0; i < texts->len; i++)
    append_text (words, &g_array_index (texts, WeftlineShownText, i));
  g_string_append (words, "</g>\n");
  insert (bytes, find (bytes, "</svg>", false), words);
  g_string_append_printf (head, "%s</title>\n<desc>%s</desc>", title_text, about_text);
  end = find (bytes, "<svg", true);
  while (bytes->data[end++] != '>')
    ;
  insert (bytes, end, head);
}
