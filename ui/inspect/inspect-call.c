/* inspect-call.c: an operation and its arguments as one would write them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "inspect/inspect-facts.h"

#include <string.h>

#define MAX_STRING_BYTES 80

typedef struct
{
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  uint32_t task;
  size_t max_bytes;
  GString *text;
} Writer;

static void write_arg (Writer *writer, const WeftArg *arg);

static bool
is_full (const Writer *writer)
{
  return writer->text->len >= writer->max_bytes;
}

static void
write_separator (Writer *writer, uint32_t i)
{
  if (i > 0)
    g_string_append (writer->text, ", ");
}

/* The key of what stands at an input, and which of its outputs. */
static void
write_input (Writer *writer, uint32_t input)
{
  const WeftGraphArrays *arrays = writer->arrays;
  uint32_t edge = arrays->input_offsets[writer->task] + input;
  uint32_t output;

  if (edge >= arrays->input_offsets[writer->task + 1])
    return;
  output = arrays->input_outputs != NULL ? arrays->input_outputs[edge] : 0;
  if (arrays->input_tasks[edge] < arrays->n_tasks)
    {
      g_autofree char *key = weft_graph_dup_key (writer->graph, arrays->input_tasks[edge]);

      g_string_append (writer->text, key);
    }
  else
    {
      const WeftImport *import = &arrays->imports[arrays->input_tasks[edge] - arrays->n_tasks];

      g_string_append (writer->text, import->kind == WEFT_IMPORT_KEY
                                         ? weft_graph_string (writer->graph, import->key)
                                         : "…");
    }
  if (output > 0)
    g_string_append_printf (writer->text, "[%u]", output);
}

static void
write_string (Writer *writer, const WeftArg *arg)
{
  size_t n_bytes = MIN (arg->count, MAX_STRING_BYTES);
  g_autofree char *part = g_strndup (writer->arrays->text + arg->u.offset, n_bytes);
  g_autofree char *valid = NULL;
  const char *end;

  /* what was cut inside a character ends before it */
  if (!g_utf8_validate (part, -1, &end) && n_bytes < arg->count
      && (size_t) (end - part) + 4 > n_bytes)
    part[end - part] = '\0';
  valid = g_utf8_make_valid (part, -1);
  g_string_append_c (writer->text, '"');
  for (const char *at = valid; *at != '\0'; at++)
    if (*at == '\n')
      g_string_append (writer->text, "\\n");
    else if (*at == '\t')
      g_string_append (writer->text, "\\t");
    else if (*at == '"' || *at == '\\')
      g_string_append_printf (writer->text, "\\%c", *at);
    else
      g_string_append_c (writer->text, *at);
  g_string_append (writer->text, n_bytes < arg->count ? "…\"" : "\"");
}

static void
write_number (Writer *writer, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.15g", number);
  if (g_ascii_strtod (text, NULL) != number)
    g_ascii_dtostr (text, sizeof text, number);
  g_string_append (writer->text, text);
}

/* @pairs: a name or key before each value. */
static void
write_items (Writer *writer, const WeftArg *arg, bool pairs, char open, char close)
{
  const WeftArg *item = arg + 1;

  g_string_append_c (writer->text, open);
  for (uint32_t i = 0; i < arg->count && item < arg + arg->skip; i++)
    {
      write_separator (writer, i);
      if (is_full (writer))
        {
          g_string_append (writer->text, "…");
          break;
        }
      write_arg (writer, item);
      item += item->skip;
      if (!pairs)
        continue;
      g_string_append (writer->text, ": ");
      write_arg (writer, item);
      item += item->skip;
    }
  g_string_append_c (writer->text, close);
}

/* As items of the list they stand in. */
static void
write_slots (Writer *writer, const WeftArg *arg)
{
  for (uint32_t i = 0; i < arg->count; i++)
    {
      write_separator (writer, i);
      if (is_full (writer))
        {
          g_string_append (writer->text, "…");
          return;
        }
      write_input (writer, arg->u.slot.first + i);
    }
}

static void
write_tagged (Writer *writer, const WeftArg *arg)
{
  const WeftArg *tag = arg + 1, *value = tag + tag->skip;

  g_string_append_len (writer->text, writer->arrays->text + tag->u.offset,
                       MIN (tag->count, MAX_STRING_BYTES));
  g_string_append_c (writer->text, '(');
  write_arg (writer, value);
  g_string_append_c (writer->text, ')');
}

static void
write_arg (Writer *writer, const WeftArg *arg)
{
  switch ((WeftArgKind) arg->kind)
    {
    case WEFT_ARG_BOOL:
      g_string_append (writer->text, arg->u.b ? "true" : "false");
      break;
    case WEFT_ARG_INT64:
      g_string_append_printf (writer->text, "%" G_GINT64_FORMAT, arg->u.i);
      break;
    case WEFT_ARG_FLOAT64:
      write_number (writer, arg->u.f);
      break;
    case WEFT_ARG_STRING:
      write_string (writer, arg);
      break;
    case WEFT_ARG_BYTES:
    case WEFT_ARG_ENCODED:
      g_string_append_printf (writer->text, "‹%u B›", arg->count);
      break;
    case WEFT_ARG_LIST:
      write_items (writer, arg, false, '[', ']');
      break;
    case WEFT_ARG_RECORD:
    case WEFT_ARG_MAP:
      write_items (writer, arg, true, '{', '}');
      break;
    case WEFT_ARG_SLOT:
      write_input (writer, arg->u.slot.first);
      break;
    case WEFT_ARG_SLOTS:
      write_slots (writer, arg);
      break;
    case WEFT_ARG_CONSTANT:
      g_string_append (writer->text, "‹…›");
      break;
    case WEFT_ARG_TAGGED:
      write_tagged (writer, arg);
      break;
    case WEFT_ARG_NONE:
    default:
      g_string_append (writer->text, "null");
    }
}

static void
write_keyword (Writer *writer, const WeftArg *name)
{
  g_string_append_len (writer->text, writer->arrays->text + name->u.offset,
                       MIN (name->count, MAX_STRING_BYTES));
  g_string_append_c (writer->text, '=');
  write_arg (writer, name + name->skip);
}

char *
weftline_inspect_call_text (WeftGraph *graph, uint32_t task, size_t max_bytes)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  const WeftCall *call = &arrays->calls[arrays->call_of_task[task]];
  const WeftArg *arg = arrays->args + call->args;
  const char *name = weft_graph_op_name (graph, task);
  Writer writer = { graph, arrays, task, max_bytes, g_string_new (name != NULL ? name : "") };
  uint32_t n_written = 0;

  g_string_append_c (writer.text, '(');
  for (; n_written < call->n_args && !is_full (&writer); n_written++, arg += arg->skip)
    {
      write_separator (&writer, n_written);
      write_arg (&writer, arg);
    }
  arg = arrays->args + call->kwargs;
  for (uint32_t i = 0; i < call->n_kwargs && !is_full (&writer); i++, n_written++)
    {
      write_separator (&writer, n_written);
      write_keyword (&writer, arg);
      arg += arg->skip;
      arg += arg->skip;
    }
  if (n_written < call->n_args + call->n_kwargs)
    g_string_append (writer.text, ", …");
  g_string_append_c (writer.text, ')');
  return g_string_free (writer.text, FALSE);
}
