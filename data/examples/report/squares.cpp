// squares.cpp: an example program in C++ that reports a graph of its tasks
//
// SPDX-License-Identifier: BSD-3-Clause
//
//   c++ -pthread squares.cpp -o squares $(pkg-config --cflags --libs weftline-1)
//   ./squares [FILE]
//
// A task that ends its span by itself, whichever way its function is left, takes a class of a few
// lines.
#include <server/weft-client.h>

#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

class Span
{
public:
  Span (WeftClient *client, std::uint32_t what)
      : client_ (client), span_ (weft_client_begin (client, what)),
        uncaught_ (std::uncaught_exceptions ())
  {
  }
  ~Span ()
  {
    if (std::uncaught_exceptions () > uncaught_)
      weft_client_fail (client_, span_, "exception", "the task threw one");
    else
      weft_client_end (client_, span_, 0);
  }
  Span (const Span &) = delete;
  Span &operator= (const Span &) = delete;

private:
  WeftClient *client_;
  WeftClientSpan span_;
  int uncaught_;
};

int
main (int argc, char **argv)
{
  WeftClientOptions options{};
  options.name = "squares";
  options.file = argc > 1 ? argv[1] : nullptr;
  WeftClient *client = weft_client_open (&options, nullptr);

  constexpr unsigned n = 4;
  std::vector<std::uint32_t> tasks;
  std::vector<long> squares (n);
  std::vector<std::thread> threads;

  for (unsigned i = 0; i < n; i++)
    tasks.push_back (
        weft_client_task (client, ("square-" + std::to_string (i)).c_str (), nullptr, 0));
  const std::uint32_t sum = weft_client_task (client, "sum", tasks.data (), n);
  const std::uint32_t check = weft_client_task (client, "check", &sum, 1);

  for (unsigned i = 0; i < n; i++)
    threads.emplace_back ([&, i] {
      Span span (client, tasks[i]);
      squares[i] = long (i) * i;
    });
  for (auto &thread : threads)
    thread.join ();

  long total = 0;
  {
    Span span (client, sum);
    for (long square : squares)
      total += square;
  }
  try
    {
      Span span (client, check);
      if (total != 15)
        throw std::domain_error ("not 15");
    }
  catch (const std::exception &error)
    {
      std::cout << total << " is " << error.what () << '\n';
    }
  weft_client_close (client, WEFT_CLIENT_DONE);
}
