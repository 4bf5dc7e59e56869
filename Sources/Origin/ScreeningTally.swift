import Choices
import Episodes
import MediaCore
import Presentation

/// How the votes of a screening stand, as its page reads it.
struct ScreeningTally {
  let screening: Screening
  let course: ScreeningCourse
  /// On the open choice, by the option's position.
  let counts: [Int: Int]

  init(_ screening: Screening, _ course: ScreeningCourse, counts: [Int: Int]) {
    (self.screening, self.course, self.counts) = (screening, course, counts)
  }

  /// Ids and versions hold nothing that JSON would escape.
  var json: String {
    let decided = zip(course.decisions, course.verdicts).map { decision, verdict in
      "{\(Self.name(decision)), \"option\": \(verdict.option), "
        + "\"by\": \"\(verdict.isVoted ? "vote" : "default")\", "
        + "\"counts\": \(Self.object(verdict.counts))}"
    }
    let open = course.openChoice.map { open in
      "{\(Self.name(open.decision)), \"options\": \(open.decision.enabled), "
        + "\"default\": \(open.decision.fallback.map(String.init) ?? "null"), "
        + "\"opens\": \"\(course.clock.date(open.start))\", "
        + "\"locks\": \"\(course.clock.date(open.lock))\", "
        + "\"counted\": \"\(course.clock.date(open.deadline))\", "
        + "\"counts\": \(Self.object(counts))}"
    }
    return "{\"id\": \"\(screening.id)\", \"version\": \"\(screening.version)\", "
      + "\"start\": \"\(UTCTime(millisecondsSince1970: screening.start))\", "
      + "\"path\": \"\(course.path)\", \"ended\": \(course.isEnded), "
      + "\"open\": \(open ?? "null"), \"decided\": [\(decided.joined(separator: ", "))]}\n"
  }

  private static func name(_ decision: Walk.Decision) -> String {
    "\"choice\": \"\(decision.choice.id)\", \"occurrence\": \(decision.occurrence)"
  }

  private static func object(_ counts: [Int: Int]) -> String {
    let members = counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    return "{\(members.joined(separator: ", "))}"
  }
}
