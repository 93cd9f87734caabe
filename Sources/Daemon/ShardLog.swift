import Foundation
import Ingestion
import Logging
import MQTT
import Storage
import Telemetry

/// Says in the log what a shard did, and notes failures in the status.
struct ShardLog {
  let log: Logger
  let board: StatusBoard
  /// The session that ends when the store was removed.
  let mailbox: Mailbox
  let calendar: LocalCalendar

  func report(_ event: ShardEvent) {
    switch event {
    case .claimed(let senders, let blocks, let messages):
      log.info(
        "store claimed",
        metadata: [
          "senders": "\(senders)", "blocks_replayed": "\(blocks)", "messages_replayed": "\(messages)",
        ])
    case .connected(let sessionPresent): sayConnected(sessionPresent)
    case .sessionLost:
      log.warning("the broker had lost our session: what was sent meanwhile is lost and will show as a gap")
    case .disconnected(let reason):
      log.log(level: reason.needsOperator ? .error : .warning, "\(reason.description)")
    case .hostConnected: log.notice("the Sparkplug session is connected again")
    case .hostDisconnected(let reason):
      log.log(
        level: reason.needsOperator ? .error : .warning,
        "the Sparkplug session is lost; until it is connected again, nothing is observed: \(reason.description)"
      )
    case .brokerDropped(let messages):
      log.warning(
        "the broker dropped messages because a client's queue was full: raise its max_queued_messages",
        metadata: ["messages": "\(messages)"])
    case .rebuilt(let blocks):
      log.notice("views built anew were taken over", metadata: ["blocks_replayed": "\(blocks)"])
    case .rereads(let scope, let block): sayRereads(scope, block)
    case .viewsBehind(let error):
      fail("the views could not be written and will be tried again; the journal has everything: \(error)")
    case .journalFailed(let error):
      fail("the end of the connection could not be noted in the journal: \(error)")
    case .repairFailed(let error):
      fail("days with late records could not be recomputed and will be tried again: \(error)")
    case .untidy(let error):
      fail("the journal's blocks could not be packed and will be tried again: \(error)")
    case .storeRemoved(let error):
      log.critical("\(error); nothing more is acknowledged, and the collector ends")
      mailbox.stop()
    case .stateLost(let factory, let loss):
      fail(
        """
        the births and last values of \(factory) \(loss); they were forgotten, and its edge nodes are asked for births \
        again. \(loss.remedy)
        """)
    case .registerUnreadable(let error):
      fail("the register cannot be read; the one read last stays in use: \(error)")
    case .listeningBroke, .heardNothing, .hearsAgain, .probeRefused, .keepsRetainFlag: reportHearing(event)
    }
  }

  /// Says whether the shard hears.
  private func reportHearing(_ event: ShardEvent) {
    switch event {
    case .listeningBroke(let cause, let from, let length):
      let since = local(from)
      let seconds = "\(length.milliseconds / 1000) s"
      switch cause {
      case .stopped:
        log.warning("the collector did not run for \(seconds) from \(since): that time is not observed")
      case .suspended:
        log.warning("the machine was suspended for \(seconds) from \(since): that time is not observed")
      case .clockSet(let jump):
        log.warning(
          "the system's clock was set by \(jump.milliseconds / 1000) s after \(since): the time between is not observed"
        )
      }
    case .heardNothing(let since, true):
      log.warning(
        "nothing has come since \(local(since)), not even the collector's own probe, though the connection stands: does the broker withhold messages? See its access rules (ACL) for this user and what was changed then; until something comes, time is not observed"
      )
    case .probeRefused(let refusal, let topic):
      log.warning("\(probeAdvice(refusal, topic))")
    case .heardNothing(let since, false):
      log.warning(
        "nothing has come from anybody since \(local(since)) though the connection stands and machines had been sending: does the broker withhold messages? See its access rules (ACL) for this user and what was changed then; until something comes, time is not observed"
      )
    case .hearsAgain(let since, let until):
      log.notice(
        "messages come again: from \(local(since)) to \(local(until)) nothing was heard, and that time is not observed"
      )
    case .keepsRetainFlag:
      log.warning(
        "messages flagged retained come in a standing session and count as live: the broker or a bridge keeps the flag"
      )
    default: break
    }
  }

  private func sayRereads(_ scope: RereadingScope, _ block: Int64) {
    let (what, command) =
      scope.refused == nil ? ("messages", "rebuild") : ("refused messages", "quarantine retry")
    log.notice(
      "\(what) received from \(scope.day) on are read anew by the present sources, as 'millwright \(command)' asked",
      metadata: ["block": "\(block)"])
  }

  private func fail(_ message: String) {
    log.error("\(message)")
    board.failed(message)
  }

  private func sayConnected(_ sessionPresent: Bool) {
    let isBuffered = MQTTLibrary.isBuffered
    log.info(
      "connected and subscribed",
      metadata: [
        "session": sessionPresent ? "resumed" : "new", "libmosquitto": "\(MQTTLibrary.version)",
        "transport": isBuffered ? "buffered" : "unbuffered",
      ])
    if !isBuffered, MQTTLibrary.hasSocketBuffer {
      log.warning(
        "libmosquitto does not use the socket buffer: messages cost several times the time; is LD_PRELOAD set?"
      )
    }
  }

  /// An instant as the log writes its own times.
  private func local(_ instant: Timestamp) -> String {
    instant.rfc3339(offset: calendar.offset(at: instant))
  }
}

/// A fault of the probe and its remedy.
private func probeAdvice(_ refusal: HearingProbe.Refusal, _ topic: String) -> String {
  let found =
    switch refusal {
    case .code(let code):
      "the broker refuses the collector's probe (MQTT reason 0x\(String(code, radix: 16)))"
    case .noEcho: "the collector's probe does not come back from the broker"
    case .closed: "the broker closes the connection on the collector's probe"
    }
  let below = topic.components(separatedBy: "_millwright/")[0] + "_millwright/#"
  return
    "\(found) to \(topic): the collector cannot prove that it hears, and a long silence counts as not observed. Let its user write there; in mosquitto's access rules (ACL), below that user: topic readwrite \(below)"
}
