import ArgumentParser
import Logging
import Yams

@main
struct Millwright: ParsableCommand {
  func run() {}
}
