/* ops.c: `weftline ops`: the operations there are
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <inttypes.h>
#include <string.h>

static const struct
{
  uint32_t flag;
  const char *word;
} flag_words[] = {
  { WEFT_OP_PURE, "pure" },         { WEFT_OP_BLOCKING, "blocking" },
  { WEFT_OP_RUNTIME, "runtime" },   { WEFT_OP_CHEAP, "cheap" },
  { WEFT_OP_EXTERNAL, "external" }, { WEFT_OP_VARIABLE_OUTPUTS, "variable-outputs" },
};

static void
collect (const WeftOp *op, void *data)
{
  g_ptr_array_add (data, (void *) op);
}

static int
compare_ops (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const WeftOp *const *) a)->name, (*(const WeftOp *const *) b)->name);
}

/* "add(a, b)", "sum(values, start=0)", "list(*items)" */
static char *
signature (const WeftOp *op)
{
  GString *text = g_string_new (op->name);

  g_string_append_c (text, '(');
  for (uint32_t i = 0; i < op->n_params; i++)
    {
      const WeftOpParam *param = &op->params[i];
      bool variadic = op->variadic && i == op->n_params - 1;

      g_string_append_printf (text, "%s%s%s", i > 0 ? ", " : "", variadic ? "*" : "", param->name);
      if (!variadic && !param->required)
        {
          g_autofree char *fallback = weft_value_type (&param->fallback) == WEFT_TYPE_EMPTY
                                          ? g_strdup ("…")
                                          : weft_value_to_text (&param->fallback, true, 0);

          g_string_append_printf (text, "=%s", fallback);
        }
    }
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

static char *
first_line (const char *doc)
{
  return g_strndup (doc, strcspn (doc, "\n"));
}

static void
print_op (const WeftOp *op)
{
  g_autofree char *head = signature (op);

  printf ("%s\n\n%s\n", head, op->doc != NULL ? op->doc : "");
  if (op->n_params > 0)
    putchar ('\n');
  for (uint32_t i = 0; i < op->n_params; i++)
    printf ("  %-12s%s%s\n", op->params[i].name, op->params[i].doc != NULL ? op->params[i].doc : "",
            op->params[i].required ? " (required)" : "");
  printf ("\nversion %u, %u output%s", op->version, op->n_outputs, op->n_outputs == 1 ? "" : "s");
  for (size_t i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if ((op->flags & flag_words[i].flag) != 0)
      printf (", %s", flag_words[i].word);
  if (op->cost_hint_ns > 0)
    {
      g_autofree char *cost = _weft_cli_time_text (op->cost_hint_ns);

      printf (", about %s", cost);
    }
  putchar ('\n');
}

static void
append_flags (GString *json, uint32_t flags)
{
  bool first = true;

  g_string_append (json, "], \"flags\": [");
  for (size_t i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if ((flags & flag_words[i].flag) != 0)
      {
        g_string_append_printf (json, "%s\"%s\"", first ? "" : ", ", flag_words[i].word);
        first = false;
      }
}

static void
print_op_json (const WeftOp *op)
{
  GString *json = g_string_new ("{\"name\": ");

  _weft_cli_json_string (json, op->name);
  g_string_append_printf (json, ", \"version\": %u, \"outputs\": %u, \"variadic\": %s, \"doc\": ",
                          op->version, op->n_outputs, op->variadic ? "true" : "false");
  _weft_cli_json_string (json, op->doc != NULL ? op->doc : "");
  g_string_append (json, ", \"params\": [");
  for (uint32_t i = 0; i < op->n_params; i++)
    {
      g_string_append (json, i > 0 ? ", {\"name\": " : "{\"name\": ");
      _weft_cli_json_string (json, op->params[i].name);
      g_string_append_printf (
          json, ", \"required\": %s, \"doc\": ", op->params[i].required ? "true" : "false");
      _weft_cli_json_string (json, op->params[i].doc != NULL ? op->params[i].doc : "");
      g_string_append_c (json, '}');
    }
  append_flags (json, op->flags);
  g_string_append_printf (json, "], \"cost_hint_ns\": %" PRId64 "}", op->cost_hint_ns);
  puts (json->str);
  g_string_free (json, TRUE);
}

static void
print_list (const GPtrArray *ops)
{
  uint32_t columns = 0;

  for (guint i = 0; i < ops->len; i++)
    {
      g_autofree char *head = signature (ops->pdata[i]);

      columns = MAX (columns, _weft_cli_columns (head));
    }
  columns = MIN (columns, 44);
  for (guint i = 0; i < ops->len; i++)
    {
      const WeftOp *op = ops->pdata[i];
      g_autofree char *head = signature (op);
      g_autofree char *doc = first_line (op->doc != NULL ? op->doc : "");

      printf ("%s%*s  %s\n", head, (int) columns - (int) MIN (columns, _weft_cli_columns (head)),
              "", doc);
    }
}

static int
print_named (WeftOpRegistry *registry, char **names, int n_names, bool json)
{
  int status = WEFT_EXIT_DONE;

  for (int i = 0; i < n_names; i++)
    {
      const WeftOp *op = weft_op_registry_find (registry, names[i], 0);
      g_autofree char *nearest = op == NULL ? weft_op_registry_suggest (registry, names[i]) : NULL;

      if (op == NULL)
        {
          _weft_cli_say ("ops: no operation “%s”%s%s%s", names[i],
                         nearest != NULL ? "; did you mean “" : "", nearest != NULL ? nearest : "",
                         nearest != NULL ? "”?" : "");
          status = WEFT_EXIT_INPUT;
        }
      else if (json)
        print_op_json (op);
      else
        print_op (op);
    }
  return status;
}

int
_weft_cli_ops (int argc, char **argv)
{
  gboolean json = FALSE;
  g_auto (GStrv) plugins = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One JSON object a line", NULL },
    { "plugin", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plugins,
      "Load operations from a shared object (repeatable)", "FILE" },
    { NULL },
  };
  g_autoptr (GPtrArray) ops = g_ptr_array_new ();
  WeftOpRegistry *registry;
  GError *error = NULL;
  int status;

  if (!_weft_cli_parse ("ops", "[NAME…]", "Lists the operations, or describes some of them.", NULL,
                        entries, &argc, &argv, &status))
    return status;
  registry = _weft_cli_registry (plugins, &error);
  if (registry == NULL)
    return _weft_cli_report (error);
  status = print_named (registry, argv, argc, json);
  weft_op_registry_foreach (registry, collect, ops);
  g_ptr_array_sort (ops, compare_ops);
  if (argc == 0 && json)
    g_ptr_array_foreach (ops, (GFunc) (void (*) (void)) print_op_json, NULL);
  else if (argc == 0)
    print_list (ops);
  weft_op_registry_unref (registry);
  return status;
}
