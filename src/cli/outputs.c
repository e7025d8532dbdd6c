/* outputs.c: results on stdout
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * As text "key: value", a value of several lines below its key; as JSON one object, in the order
 * in which the outputs were asked for.
 */
#include "cli/weft-cli-run-private.h"

#include <string.h>

/* Longest values as text; JSON is never cut. */
#define MAX_CHARS 400
#define MAX_STRING_CHARS 65536
#define MAX_BYTES_CHARS 64

static size_t
max_chars (const WeftValue *value)
{
  switch ((int) weft_value_type (value))
    {
    case WEFT_TYPE_STRING:
      return MAX_STRING_CHARS;
    case WEFT_TYPE_BYTES:
      return MAX_BYTES_CHARS;
    default:
      return MAX_CHARS;
    }
}

static void
print_text (const char *name, const WeftValue *value)
{
  g_autofree char *text = weft_value_to_text (value, false, max_chars (value));

  if (strchr (text, '\n') == NULL)
    printf ("%s: %s\n", name, text);
  else
    printf ("%s:\n%s%s", name, text, g_str_has_suffix (text, "\n") ? "" : "\n");
}

static void
print_json (const char *name, const WeftValue *value, bool first)
{
  g_autofree char *text = weft_value_to_text (value, true, 0);
  GString *key = g_string_new (NULL);

  _weft_cli_json_string (key, name);
  printf ("%s%s: %s", first ? "" : ",\n ", key->str, text);
  g_string_free (key, TRUE);
}

void
_weft_cli_print_outputs (WeftRun *run, WeftGraph *graph, const WeftTaskOutput *outputs,
                         uint32_t n_outputs, const uint8_t *silent, bool json)
{
  bool first = true;

  if (json)
    fputs ("{", stdout);
  for (uint32_t i = 0; i < n_outputs; i++)
    {
      WeftTaskOutput output = outputs[i];
      WeftValue value = WEFT_VALUE_INIT;
      g_autofree char *name = _weft_cli_output_name (graph, output);

      if ((silent != NULL && silent[output.task] != 0)
          || !weft_run_result (run, 0, output.task, output.output, &value))
        continue;
      if (weft_value_type (&value) != WEFT_TYPE_ERROR)
        {
          if (json)
            print_json (name, &value, first);
          else
            print_text (name, &value);
          first = false;
        }
      weft_value_clear (&value);
    }
  if (json)
    fputs ("}\n", stdout);
}
