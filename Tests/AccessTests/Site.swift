import Access
import Telemetry
import Testing

/// A cost that takes no time.
let cheap = PasswordHash.Cost(logarithm: 4, blockSize: 1, passes: 1) ?? .standard

/// A moment of every test, and moments after it.
let start = AccessMoment(time: Timestamp(milliseconds: 1_764_460_800_000), instant: .now)

func after(_ seconds: Int64) -> AccessMoment {
  AccessMoment(time: start.time + .seconds(seconds), instant: start.instant + .seconds(seconds))
}

func person(
  _ name: String, _ role: Role, password: String = "correct horse 9", isDisabled: Bool = false
) throws -> Account {
  Account(
    name: name, role: role, password: try hash(password), createdAt: start.time, isDisabled: isDisabled)
}

func hash(_ password: String) throws -> PasswordHash {
  try PasswordHash(of: try #require(Password(password)), cost: cheap)
}

let remote = Client(address: IPAddress("203.0.113.9"), isLocal: false)
