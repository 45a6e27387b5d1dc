//! What is said of messages.

use super::{Compiler, Statement};
use crate::scenario::expect::{Bound, Measure, MessageFigure};
use crate::scenario::file::expect::{DrainedFile, MessageAgeFile, MessagesFile};
use crate::scenario::read::At;
use crate::scenario::value::Count;

impl Compiler<'_> {
    pub(super) fn messages(
        &mut self,
        it: &MessagesFile,
        what: MessageFigure,
        place: &At<()>,
    ) -> Option<Statement> {
        let queue = self.find_queue(&it.queue)?;
        let least = it.at_least.map(Count::get);
        let most = it.at_most.map(Count::get);
        let (bound, words) = match (least, most) {
            (Some(low), None) => (Bound::AtLeast(low.into()), format!("is at least {low}")),
            (None, Some(high)) => (Bound::AtMost(high.into()), format!("is at most {high}")),
            (Some(low), Some(high)) => (
                Bound::Between(low.into(), high.into()),
                format!("is from {low} to {high}"),
            ),
            (None, None) => {
                let message = format!("`{}` needs `at_least`, `at_most`, or both", place.path);
                self.error("missing-key", place.span, message);
                return None;
            }
        };
        let name = &it.queue.value.0;
        let subject = match what {
            MessageFigure::Backlog => format!("most messages ready in {name} at once"),
            MessageFigure::Dead => format!("number of messages of {name} that are given up"),
            MessageFigure::Lost => format!("number of messages of {name} that are lost"),
            MessageFigure::Settled => format!("number of messages of {name} that are settled"),
            MessageFigure::Redelivered => {
                format!("number of hand-outs of {name} after the first of their message")
            }
        };
        let text = format!("{subject} {words}");
        Some((Measure::Messages { queue, what }, bound, text))
    }

    pub(super) fn message_age(&mut self, it: &MessageAgeFile) -> Option<Statement> {
        let queue = self.find_queue(&it.queue)?;
        let percentile = it.percentile.0;
        let text = format!(
            "p{percentile} of the ages of messages of {} at hand-outs is at most {}",
            it.queue.value.0, it.at_most
        );
        let measure = Measure::MessageAge { queue, percentile };
        Some((measure, Bound::AtMost(it.at_most.as_ns_f64()), text))
    }

    pub(super) fn drained(&mut self, it: &DrainedFile) -> Option<Statement> {
        let queue = self.find_queue(&it.queue);
        let fault = self.find_fault(&it.after);
        let (queue, fault) = (queue?, fault?);
        let mut text = format!(
            "{} is empty within {} of the end of {}",
            it.queue.value.0, it.within, it.after.value.0
        );
        if !it.at_least.is_zero() {
            text = format!("{text}, and not before {}", it.at_least);
        }
        let bound = Bound::Between(it.at_least.as_ns_f64(), it.within.as_ns_f64());
        Some((Measure::Drained { queue, fault }, bound, text))
    }
}
