internal import EventFormat
internal import Fetching
internal import Publishing
internal import Transparency

/// Carries requests to witnesses over HTTP. What they answer is verified by who asks, so plain HTTP is allowed.
struct HTTPWitnessClient: WitnessClient {
    private let fetcher = Fetcher()

    /// How long a witness may take, from the look-up of its name to the last byte.
    var timeout = Duration.seconds(10)

    func post(_ body: [UInt8], to url: String) async -> WitnessReply {
        do throws(FetchingError) {
            let answer = try await fetcher.post(
                url, contentType: "text/plain; charset=utf-8", body: body, timeout: timeout,
                limit: WitnessAnswer.maximumByteCount)
            return .answered(status: answer.status, body: answer.body)
        } catch {
            return .unanswered(error.reason.escapingControls)
        }
    }
}
